// Owns secrets inside the engine's process: all in memory from the start, each change told to main, which alone can encrypt.

import type { ComposeOptions } from '../../src/host/compose.ts';

export type Secrets = NonNullable<ComposeOptions['secrets']>;

/** @param keep told of every change; null = forget */
export function keptSecrets(
  initial: Readonly<Record<string, string>>,
  keep: (name: string, value: string | null) => void,
): Secrets {
  // A Map: a secret named `constructor` is not there until it is set.
  const secrets = new Map(Object.entries(initial));
  return {
    get: (name) => secrets.get(name) ?? null,
    set(name, value) {
      secrets.set(name, value);
      keep(name, value);
    },
    delete(name) {
      if (secrets.delete(name)) keep(name, null);
    },
  };
}
