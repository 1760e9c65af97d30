// Owns the deadline of the sheet that rents a GPU: by when all is to be done, how many pods that takes, and whether it can be kept.

import { useEffect, useState } from 'react';
import { toAppError } from '../../../contract/errors.ts';
import type { PodPlan } from '../../../contract/pod-prices.ts';
import { useApp } from '../../app-context.ts';
import { Choice } from '../../components/field.tsx';
import { moment, span } from '../../format.ts';
import { explain, t } from '../../strings/texts.ts';

const HOURS = { none: null, '1': 1, '2': 2, '4': 4, '8': 8, '24': 24 } as const;
export type Deadline = keyof typeof HOURS;
const KEYS: readonly Deadline[] = ['none', '1', '2', '4', '8', '24'];

/** Hours from now; null for no deadline. */
export function hoursOf(deadline: Deadline): number | null {
  return HOURS[deadline];
}

interface DoneByProps {
  readonly deadline: Deadline;
  /** Those that may be rented, in turn; null where none is chosen. */
  readonly gpuIds: readonly string[] | null;
  readonly onChange: (deadline: Deadline) => void;
  /** What the engine would rent for it; null while that is not known. */
  readonly onPlan: (plan: PodPlan | null) => void;
}

/** The number of pods follows from it, and is said before anything is started. */
export function DoneBy({ deadline, gpuIds, onChange, onPlan }: DoneByProps) {
  const { commands, now } = useApp();
  const [plan, setPlan] = useState<PodPlan | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const hours = hoursOf(deadline);
  const asked = gpuIds?.join(' ') ?? '';
  useEffect(() => {
    let wanted = true;
    const take = (next: PodPlan | null, problem: string | null): void => {
      if (!wanted) return;
      setPlan(next);
      onPlan(next);
      setRefusal(problem);
    };
    take(null, null);
    if (hours !== null && asked !== '')
      commands.planPods(asked.split(' '), hours).then(
        (next) => take(next, null),
        (thrown) => take(null, explain(toAppError(thrown).report()).what),
      );
    return () => {
      wanted = false;
    };
  }, [commands, hours, asked, onPlan]);
  const at = (each: Deadline): string => {
    const inHours = hoursOf(each);
    return inHours === null ? t.rent.noDeadline : t.rent.by(moment(now() + inHours * 3_600_000, now()));
  };
  return (
    <div className="withmore">
      <Choice
        label={t.rent.doneBy}
        value={deadline}
        options={KEYS.map((key) => ({ key, text: at(key) }))}
        onChange={onChange}
      />
      <div aria-live="polite">
        {plan !== null && (
          <p className={plan.meetsDeadline === false ? 'warn' : 'muted'}>
            {(plan.meetsDeadline === false ? t.rent.tooLate : t.rent.inTime)(
              plan.pods,
              plan.gpuName,
              span(plan.estimate.wallSec),
            )}
          </p>
        )}
        {refusal !== null && <p className="refused">{refusal}</p>}
      </div>
    </div>
  );
}
