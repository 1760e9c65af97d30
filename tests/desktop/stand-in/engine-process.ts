// Owns `utilityProcess` in the stand-in: a real process of Node, with `process.parentPort` as Electron's has it.

import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { fileURLToPath } from 'node:url';
import { PortExchange, type PortMain } from './ports.ts';

/** Between this process and its child. */
export type ParentFrame =
  | { readonly kind: 'message'; readonly data: unknown; readonly ports: readonly number[] }
  | { readonly kind: 'port'; readonly port: number; readonly data?: unknown; readonly close?: boolean };

const PARENT_PORT = fileURLToPath(new URL('./parent-port.ts', import.meta.url));

/** `UtilityProcess`, as far as the app uses it. */
class UtilityProcess extends EventEmitter<{ message: [unknown]; exit: [number] }> {
  readonly #child: ChildProcess;
  readonly #exchange: PortExchange;

  constructor(path: string, args: readonly string[]) {
    super();
    this.#child = fork(path, args, {
      execArgv: ['--import', PARENT_PORT],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#exchange = new PortExchange({ send: (frame) => this.#send({ kind: 'port', ...frame }) });
    this.#child.on('message', (frame: ParentFrame) => {
      if (frame.kind === 'port') this.#exchange.take(frame);
      else this.emit('message', frame.data);
    });
    this.#child.once('exit', (code) => {
      this.#exchange.closeAll();
      this.emit('exit', code ?? 1);
    });
    children.add(this);
    this.once('exit', () => children.delete(this));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  postMessage(data: unknown, transfer: readonly PortMain[] = []): void {
    this.#send({ kind: 'message', data, ports: transfer.map((port) => this.#exchange.hand(port)) });
  }

  kill(): boolean {
    return this.#child.kill('SIGKILL');
  }

  #send(frame: ParentFrame): void {
    // A child that has just died takes nothing; its exit follows.
    if (this.#child.connected) this.#child.send(frame, () => undefined);
  }
}

const children = new Set<UtilityProcess>();

export const utilityProcess = {
  fork: (path: string, args: readonly string[] = []): UtilityProcess => new UtilityProcess(path, args),
};

/** Process ids of the children that run. */
export function childPids(): number[] {
  return [...children].flatMap((child) => child.pid ?? []);
}
