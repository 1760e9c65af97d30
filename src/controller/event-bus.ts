// Owns the fan-out of app events to whoever listens: the local API's streams, the desktop window, the command line.

import type { AppEvent } from '../contract/api.ts';
import type { Log } from './ports.ts';

export type Listener = (event: AppEvent) => void;

export class EventBus {
  readonly #listeners = new Set<Listener>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Adds a listener, tells it `ready` at once, and returns the undo. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#tell(listener, { type: 'ready' });
    return () => this.#listeners.delete(listener);
  }

  publish(event: AppEvent): void {
    for (const listener of this.#listeners) this.#tell(listener, event);
  }

  /** A listener that throws harms neither the engine nor its siblings. */
  #tell(listener: Listener, event: AppEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#log.error('listener_failed', { type: event.type, error: String(error) });
    }
  }
}
