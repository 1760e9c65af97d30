// Owns waiting for pods in a command: tells each change once, and ends when all of them are where they are waited for.

import type { AppApi } from '../../contract/api.ts';
import type { PodView } from '../../contract/pods.ts';

/**
 * Resolves with the pods when `is` holds for each, or with null when the person interrupts.
 * @param onChange called when a pod's state or its sentence changed
 */
export async function whenPods(
  api: AppApi,
  ids: readonly string[],
  is: (pod: PodView) => boolean,
  onChange: (pod: PodView) => void,
): Promise<readonly PodView[] | null> {
  const seen = new Map<string, PodView>();
  const done = Promise.withResolvers<readonly PodView[] | null>();
  const take = (pod: PodView): void => {
    if (!ids.includes(pod.id)) return;
    const before = seen.get(pod.id);
    seen.set(pod.id, pod);
    if (before?.state !== pod.state || before.detail !== pod.detail) onChange(pod);
    if (
      ids.every((id) => {
        const known = seen.get(id);
        return known !== undefined && is(known);
      })
    )
      done.resolve([...seen.values()]);
  };
  // Asked for anew at every `ready`: the stream of an engine elsewhere may have been cut.
  const undo = api.subscribe((event) => {
    if (event.type === 'pod') take(event.pod);
    else if (event.type === 'ready') void api.call('listPods', {}).then(({ pods }) => pods.forEach(take), done.reject);
  });
  const stop = (): void => done.resolve(null);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  try {
    return await done.promise;
  } finally {
    undo();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop);
  }
}
