// Owns the programs that benches talk to line by line, each a file of this folder in a process of its own: in Node, or in the worker's Python.

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { venvPython } from '../../src/workers/venv.ts';
import { ROOT } from '../through/engine-process.ts';

/** A program of this folder that answers line by line. */
export class Helper {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(file: string, args: readonly (string | number)[] = []) {
    const program = file.endsWith('.py') ? venvPython(join(ROOT, 'worker-image/.venv')) : process.execPath;
    this.#child = spawn(program, [join(import.meta.dirname, file), ...args.map(String)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (this.#child.stdout === null) throw new TypeError('Its output is not read.');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('The helper ended.');
    return value;
  }

  /** @returns what it answers, a line of JSON */
  async say(command: object): Promise<unknown> {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    return JSON.parse(await this.line());
  }

  /** @returns the milliseconds that it took */
  async ask(command: object): Promise<number> {
    return ((await this.say(command)) as { ms: number }).ms;
  }

  end(): void {
    this.#child.kill();
  }
}
