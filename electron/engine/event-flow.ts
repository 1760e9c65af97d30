// Owns that a listener which is slow, frozen or asleep costs the engine no memory: so many events are on their way at most, what comes
// meanwhile is held with the newest progress of each job only, and past a limit it is told to ask for everything anew.

import type { AppEvent } from '../../src/contract/api.ts';

/** Events on their way before the listener took one of them. */
export const IN_FLIGHT = 64;
/** Events held for a listener that does not keep up; beyond, they are dropped and a `ready` takes their place. */
export const HELD = 5_000;

/**
 * @param send resolves when the listener took the event, rejects when it is gone
 * @returns what takes each event. `ready` comes again where something was dropped: events are not kept, lists are asked for.
 */
export function eventFlow(send: (event: AppEvent) => Promise<unknown>): (event: AppEvent) => void {
  let inFlight = 0;
  /** In order. A job's progress holds one place, that of the first. */
  const held = new Map<string | number, AppEvent>();
  let last = 0;
  let dropped = false;

  const release = (): void => {
    inFlight -= 1;
    while (inFlight < IN_FLIGHT) {
      if (dropped) {
        dropped = false;
        go({ type: 'ready' });
        continue;
      }
      const [next] = held;
      if (next === undefined) return;
      held.delete(next[0]);
      go(next[1]);
    }
  };
  const go = (event: AppEvent): void => {
    inFlight += 1;
    // One that is gone takes nothing any more: what is held goes with its port.
    send(event).then(release, () => undefined);
  };
  const hold = (event: AppEvent): void => {
    // What is dropped now is in the lists that `ready` makes the listener ask for; it is sent when there is room.
    if (dropped) return;
    if (event.type === 'progress') held.set(event.id, event);
    else held.set(last++, event);
    if (held.size <= HELD) return;
    held.clear();
    dropped = true;
  };
  return (event) => (inFlight < IN_FLIGHT ? go(event) : hold(event));
}
