// Owns the card of a rented machine whose worker has no panel of its own: it starts, was stopped, ended in trouble, or nobody knows it.

import type { PodView } from '../../../contract/pods.ts';
import { t } from '../../strings/texts.ts';
import { PodActions, PodFacts, PodMeter, podName, tone } from './pod-part.tsx';

/** One pod. */
export function PodCard({ pod }: { pod: PodView }) {
  const name = podName(pod);
  return (
    <article className="card" aria-label={name} data-pod={pod.state}>
      <header>
        <i className={`dot ${tone(pod)}`} aria-hidden="true" />
        <h2 className="cut">{name}</h2>
        <span className="tag">
          {[t.pods.provider, pod.dataCenterId, pod.foreign ? t.pods.foreign : null]
            .filter((part) => part !== null)
            .join(', ')}
        </span>
        <span className="grow" />
        <PodMeter pod={pod} />
        <PodActions pod={pod} />
      </header>
      <PodFacts pod={pod} />
    </article>
  );
}
