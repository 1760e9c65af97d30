// Owns what a rented machine adds to the workers' screen: its meter, how it is and what happens next, the second witness of its image, its
// trouble in three sentences, and what may be done with it.

import { isPodOver, type PodAction, type PodView } from '../../../contract/pods.ts';
import { useApp } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { moment, shortHash, span, usd } from '../../format.ts';
import { engineText, explain, t } from '../../strings/texts.ts';

/** What it has cost so far, in how long, at which price. */
export function PodMeter({ pod }: { pod: PodView }) {
  const { now } = useApp();
  const end = pod.endedAt ?? now();
  const spent = usd(pod.spent);
  const time = span(Math.max(1, (end - pod.createdAt) / 1000));
  return (
    <span className="meter">
      {isPodOver(pod.state)
        ? t.pods.cost(spent, time)
        : t.pods.meter(spent, time, t.rent.perHour(usd(pod.costPerHour)))}
    </span>
  );
}

/** State, facts and trouble; under the header of a worker's panel or of a card of its own. */
export function PodFacts({ pod }: { pod: PodView }) {
  const { now } = useApp();
  const at = (instant: number): string => moment(instant, now());
  const facts = [
    pod.jobsHeld > 0 ? t.pods.has(pod.jobsHeld) : null,
    pod.jobsDone > 0 ? t.pods.done(pod.jobsDone, span(pod.audioSec)) : null,
    pod.bootDeadline === null ? null : t.pods.deadline(at(pod.bootDeadline)),
    pod.idleEndsAt === null ? null : t.pods.idleEnds(at(pod.idleEndsAt)),
    pod.endReason === null ? null : t.pods.ends[pod.endReason],
  ].filter((fact) => fact !== null);
  return (
    <div className="pod">
      <p className="state">
        <b className={tone(pod)}>{t.pods.states[pod.state]}</b>{' '}
        <span className="muted">{[t.pods.since(at(pod.since)), ...facts].join(', ')}</span>
        <PodMore pod={pod} />
      </p>
      {pod.detail !== '' && pod.trouble === null && <p className="muted">{engineText(pod.detail)}</p>}
      {pod.trouble !== null && <Trouble pod={pod} />}
      {pod.imageDigest !== null && <Witness pod={pod} />}
    </div>
  );
}

/** Whether it works, waits, or wants somebody. */
export function tone({ state, trouble }: PodView): 'good' | 'live' | 'warn' | 'bad' | 'faint' {
  if (trouble !== null || state === 'failed') return 'bad';
  switch (state) {
    case 'ready':
      return 'good';
    case 'found':
    case 'exited':
      return 'warn';
    case 'stopped':
    case 'ended':
      return 'faint';
    default:
      return 'live';
  }
}

function Trouble({ pod }: { pod: PodView }) {
  if (pod.trouble === null) return null;
  const { what, lost, todo } = explain(pod.trouble);
  return (
    <p className="warning" role="alert">
      <Icon name="warn" tone="bad" />
      <span>
        <b>{what}</b> <span className="muted">{`${lost} ${todo}`}</span>
      </span>
    </p>
  );
}

/** What the provider's own record says about the image: a witness beside the worker's word. */
function Witness({ pod }: { pod: PodView }) {
  if (pod.imageDigest === null) return null;
  const asked = shortHash(pod.imageDigest);
  if (pod.imageDiffers === null) return null;
  return (
    <p className={pod.imageDiffers ? 'warning' : 'muted witness'}>
      <Icon name={pod.imageDiffers ? 'warn' : 'check'} tone={pod.imageDiffers ? 'warn' : 'good'} />
      <span>
        {pod.imageDiffers ? t.pods.imageDiffers : t.pods.imageSame} <code title={pod.imageDigest}>{asked}</code>
        {pod.imageDiffers && pod.imageAtProvider !== null && (
          <>
            {' '}
            <code>{pod.imageAtProvider}</code>
          </>
        )}
      </span>
    </p>
  );
}

/** What is done with it at its end or its beginning, as the engine allows it now; ending one that works asks first. */
export function PodActions({ pod }: { pod: PodView }) {
  return (
    <>
      {MAIN.filter((action) => pod.actions.includes(action)).map((action) => (
        <ActionButton key={action} pod={pod} action={action} />
      ))}
      {isPodOver(pod.state) && <Another pod={pod} />}
    </>
  );
}

/** In place of one that failed or was ended: the same GPU, and others behind it. */
function Another({ pod }: { pod: PodView }) {
  const { store } = useApp();
  const dialog = { kind: 'rent' as const, ...(pod.gpuId === null ? {} : { gpuId: pod.gpuId }) };
  return (
    <Button small onPress={() => store.setState({ dialog })}>
      {t.pods.another}
    </Button>
  );
}

/** What is seldom done: beside its state, and quiet. */
function PodMore({ pod }: { pod: PodView }) {
  const { store } = useApp();
  return (
    <span className="more">
      {SELDOM.filter((action) => pod.actions.includes(action)).map((action) => (
        <ActionButton key={action} pod={pod} action={action} quiet />
      ))}
      {pod.providerId !== null && (
        <Button
          small
          look="link"
          aria-label={t.pods.logTitle(podName(pod))}
          onPress={() => store.setState({ dialog: { kind: 'pod-log', id: pod.id } })}
        >
          {t.pods.log}
        </Button>
      )}
    </span>
  );
}

function ActionButton({ pod, action, quiet = false }: { pod: PodView; action: PodAction; quiet?: boolean }) {
  const { commands, store } = useApp();
  const word = t.pods[WORDS[action]];
  const act = (): void => {
    if (action === 'terminate') store.setState({ dialog: { kind: 'end-pod', id: pod.id } });
    else void commands.changePod(pod.id, action);
  };
  return (
    <Button small look={quiet ? 'link' : 'plain'} aria-label={t.pods.actionOn(word, podName(pod))} onPress={act}>
      {word}
    </Button>
  );
}

const MAIN: readonly PodAction[] = ['adopt', 'start', 'drain', 'terminate'];
const SELDOM: readonly PodAction[] = ['stop', 'restart'];
const WORDS = {
  adopt: 'adopt',
  drain: 'drain',
  restart: 'restart',
  start: 'start',
  stop: 'stop',
  terminate: 'end',
} as const;

/** As a person calls it: by its GPU, and by its own name where that is not known. */
export function podName(pod: PodView): string {
  return pod.gpuName === null ? pod.name : t.pods.named(pod.gpuName);
}
