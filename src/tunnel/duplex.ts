// Owns the byte stream over one data socket: what Node's HTTP server reads and writes as if it were a TCP connection. Writes of one
// turn leave as few messages of at most 256 KiB; neither direction takes more than the other end lets through, and what goes out no more than
// the line carries (pace.ts), where a pace is given.

import type { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { TUNNEL_MESSAGE_BYTES } from '../contract/tunnel-wire.ts';
import { type Pace, UNANSWERED_MS } from './pace.ts';

/** Bytes that may wait between the writer and the TCP socket before the writer is told to stop. */
const WRITE_WINDOW_BYTES = 1024 * 1024;

/** Milliseconds until the last bytes of a while get their mark. */
const MARK_SOON_MS = 2;
/** Of a mark's number. Pings that only ask for a sign of life have no payload. */
const MARK_BYTES = 4;

type Done = (error?: Error | null) => void;

/** Whoever keeps the socket is told what goes over it. */
export interface Traffic {
  /** Bytes came in. */
  received(bytes: number): void;
  /** TCP took bytes of ours. */
  sent(bytes: number): void;
  /** The HTTP server read the head of a request from it; `requestEnded` follows when its answer is out or given up. */
  requestBegan(): void;
  requestEnded(): unknown;
}

/**
 * A Duplex over an open WebSocket, which it owns from then on: ending it closes the socket after the last byte, destroying it cuts
 * the socket at once, and when the peer closes, what came before is still read and everything that was to be written fails.
 */
export class TunnelDuplex extends Duplex {
  readonly #socket: WebSocket;
  readonly #traffic: Partial<Traffic>;
  /** The write that waits for the TCP socket. Kept so that a socket that dies fails it. */
  #writing: Done | null = null;
  #finalizing: Done | null = null;
  readonly #pace: Pace | null;
  /** Of the write under way what is still held back, and the messages that TCP has not taken. */
  #held: Buffer[] = [];
  #untaken = 0;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = 0;

  constructor(socket: WebSocket, traffic: Partial<Traffic> = {}, pace: Pace | null = null) {
    super({
      allowHalfOpen: false,
      writableHighWaterMark: WRITE_WINDOW_BYTES,
      readableHighWaterMark: WRITE_WINDOW_BYTES,
    });
    this.#socket = socket;
    this.#traffic = traffic;
    this.#pace = pace;
    if (pace !== null) socket.on('pong', (payload) => this.#answered(pace, payload));
    socket.on('message', (message, isBinary) => this.#take(message, isBinary));
    // ws says 'close' after every error; that is where it is dealt with.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  /** To be called with the answer to every request that the HTTP server reads from this connection. */
  carries(response: EventEmitter): void {
    this.#traffic.requestBegan?.();
    response.once('close', () => this.#traffic.requestEnded?.());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(writes: { chunk: Buffer }[], done: Done): void {
    this.#send(
      writes.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: Done): void {
    if (this.#socket.readyState === this.#socket.CLOSED) {
      done();
      return;
    }
    this.#finalizing = done;
    // The peer's own close frame must be read even when nobody reads what came before it.
    this.#socket.resume();
    this.#socket.close(1000);
  }

  override _destroy(error: Error | null, done: Done): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket.terminate();
    this.#settle(error ?? cutOff());
    done(error);
  }

  #take(message: unknown, isBinary: boolean): void {
    if (!isBinary || !Buffer.isBuffer(message)) {
      this.destroy();
      return;
    }
    if (message.length === 0 || this.destroyed || this.readableEnded) return;
    this.#traffic.received?.(message.length);
    if (!this.push(message)) this.#socket.pause();
  }

  /** Every message is sent uncopied unless it joins several small writes. `done` is called when TCP has taken the last. */
  #send(chunks: readonly Buffer[], done: Done): void {
    this.#held = coalesce(chunks, TUNNEL_MESSAGE_BYTES);
    if (this.#held.length === 0) {
      done();
      return;
    }
    this.#writing = done;
    this.#pump();
  }

  /** Sends of what is held back as much as the line has room for. */
  #pump(): void {
    const pace = this.#pace;
    let waitMs = 0;
    while (this.#held.length > 0 && pace?.full !== true) {
      waitMs = pace?.waitMs(performance.now()) ?? 0;
      if (waitMs > 0) break;
      this.#sendPiece(pace);
    }
    if (pace === null) return;
    if (waitMs > 0) this.#later(waitMs);
    else if (this.#held.length > 0) {
      this.#mark(pace, true);
      this.#later(UNANSWERED_MS);
    } else if (pace.unmarked) this.#later(MARK_SOON_MS);
  }

  #sendPiece(pace: Pace | null): void {
    const [first] = this.#held;
    if (first === undefined) return;
    const most = pace?.pieceBytes ?? Number.POSITIVE_INFINITY;
    const piece = first.length > most ? first.subarray(0, most) : first;
    if (piece === first) this.#held.shift();
    else this.#held[0] = first.subarray(piece.length);
    this.#untaken += 1;
    this.#socket.send(piece, { binary: true, compress: false }, (error) => {
      this.#untaken -= 1;
      if (error) {
        this.#settle(error);
        return;
      }
      this.#traffic.sent?.(piece.length);
      if (this.#untaken === 0 && this.#held.length === 0) this.#settle(null);
    });
    if (pace === null) return;
    pace.sent(piece.length);
    this.#mark(pace, false);
  }

  /** The mark is a ping with its number: the far end answers it when it has read all that came before. */
  #mark(pace: Pace, last: boolean): void {
    const id = pace.mark(performance.now(), last);
    if (id === null || this.#socket.readyState !== this.#socket.OPEN) return;
    const payload = Buffer.alloc(MARK_BYTES);
    payload.writeUInt32BE(id >>> 0);
    this.#socket.ping(payload, undefined, () => undefined);
  }

  #answered(pace: Pace, payload: Buffer): void {
    if (payload.length !== MARK_BYTES) return;
    pace.answered(payload.readUInt32BE(), performance.now());
    this.#pump();
  }

  /** Looks again after a while: the next piece may go, the last bytes get their mark, and an end that answers none is not waited for. */
  #later(delayMs: number): void {
    const pace = this.#pace;
    const dueAt = performance.now() + delayMs;
    if (pace === null || (this.#timer !== null && this.#dueAt <= dueAt)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.destroyed) return;
      pace.unanswered(performance.now());
      if (this.#held.length === 0) this.#mark(pace, true);
      this.#pump();
    }, delayMs);
  }

  #settle(error: Error | null): void {
    this.#held = [];
    const writing = this.#writing;
    this.#writing = null;
    writing?.(error);
  }

  #closed(): void {
    this.#settle(cutOff());
    this.#finalizing?.();
    this.#finalizing = null;
    if (this.destroyed) return;
    this.push(null);
    // Whoever reads gets the rest and the end; where nobody reads and nothing is left, the end would never be seen.
    setImmediate(() => {
      if (this.readableLength === 0) this.destroy();
    });
  }
}

/**
 * The same bytes in as few pieces of at most `limit` bytes as keep the order without copying a piece that is large already.
 * Empty chunks disappear.
 */
export function coalesce(chunks: readonly Buffer[], limit: number): Buffer[] {
  const pieces: Buffer[] = [];
  let group: Buffer[] = [];
  let grouped = 0;
  const close = () => {
    const [only] = group;
    if (only !== undefined) pieces.push(group.length === 1 ? only : Buffer.concat(group, grouped));
    group = [];
    grouped = 0;
  };
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += limit) {
      const piece = chunk.subarray(start, start + limit);
      if (grouped + piece.length > limit) close();
      group.push(piece);
      grouped += piece.length;
    }
  }
  close();
  return pieces;
}

function cutOff(): Error {
  return Object.assign(new Error('The tunnel was cut.'), { code: 'ECONNRESET' });
}
