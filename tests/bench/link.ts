// Owns a long thin line for benches, in a process of its own: bytes are let through at a rate that all connections of one direction share,
// and arrive half a round trip later. Its buffer is that of a router; beyond it senders wait. TCP itself ends at the line, on both sides: windows
// of the program's own show, the kernel's do not.
//
//   node link.ts PORT BYTES-PER-SECOND ROUND-TRIP-MS BUFFER-BYTES       prints the port it listens on; "reset" on stdin forgets nothing

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

class Direction {
  readonly #bytesPerSecond: number;
  readonly #delayMs: number;
  readonly #buffer: number;
  readonly #paused = new Set<Socket>();
  readonly #queue: { readonly at: number; readonly chunk: Buffer; readonly to: Socket }[] = [];
  #freeAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(bytesPerSecond: number, delayMs: number, buffer: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#delayMs = delayMs;
    this.#buffer = buffer;
  }

  carry(from: Socket, to: Socket): void {
    from.on('data', (whole: Buffer) => {
      // In packets of a kind, so that one connection's large write does not hold the line from the others.
      for (let start = 0; start < whole.length; start += 16_384) {
        const chunk = whole.subarray(start, start + 16_384);
        const now = performance.now();
        this.#freeAt = Math.max(now, this.#freeAt) + (chunk.length * 1000) / this.#bytesPerSecond;
        this.#queue.push({ at: this.#freeAt + this.#delayMs, chunk, to });
      }
      if (this.#waiting() > this.#buffer) {
        from.pause();
        this.#paused.add(from);
      }
      this.#plan();
    });
    from.once('close', () => this.#paused.delete(from));
  }

  /** Bytes that have not left yet. */
  #waiting(): number {
    return (Math.max(0, this.#freeAt - performance.now()) * this.#bytesPerSecond) / 1000;
  }

  #plan(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      const now = performance.now();
      let sent = 0;
      for (const { at, chunk, to } of this.#queue) {
        if (at > now) break;
        sent += 1;
        if (!to.destroyed) to.write(chunk);
      }
      this.#queue.splice(0, sent);
      if (this.#waiting() < this.#buffer / 2) {
        for (const socket of this.#paused) socket.resume();
        this.#paused.clear();
      }
      if (this.#queue.length > 0 || this.#paused.size > 0) this.#plan();
    }, 1);
  }
}

const [port = 0, bytesPerSecond = 0, roundTripMs = 0, buffer = 0] = process.argv.slice(2).map(Number);
const up = new Direction(bytesPerSecond, roundTripMs / 2, buffer);
const down = new Direction(bytesPerSecond, roundTripMs / 2, buffer);
const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ host: '127.0.0.1', port, noDelay: true });
  up.carry(near, far);
  down.carry(far, near);
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const)
    one.on('error', () => undefined).once('close', () => other.destroy());
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.on('end', () => process.exit(0)).resume();
