// Owns how much of a recording may be on its way over one data socket: as much as the line carries, and a standing queue that calls over the same
// line hardly notice. What TCP would put into the buffers of a home's router holds up everything else that goes out, the engine's own calls too.
//
// Marks (pings) go out between the bytes; the answer to one says that all before it has arrived, and how long that took. The shortest time is the
// line's own; what is above it is a queue. Where there is none, more is sent; where there is one, what the line carried in that time plus the queue
// that is aimed at, and a little of each socket's own, by which several come to equal shares. Time is an argument: milliseconds of a clock that never jumps.

import { TUNNEL_MESSAGE_BYTES } from '../contract/tunnel-wire.ts';

/** Milliseconds of standing queue that are aimed at: a third of what a call across an ocean takes. */
const QUEUE_MS = 25;
/** Bytes that may be on the way in any case: a line that is full of others' bytes must still show how it fares. */
const FLOOR_BYTES = 16 * 1024;
/** Bytes of each socket beyond its share. */
const OWN_BYTES = 4 * 1024;
/** A piece may be so small on a thin line; below that its head would count. Else it is what the line carries in a moment, or this share of the window. */
const LEAST_PIECE_BYTES = 4 * 1024;
const PIECE_MS = 4;
const PIECE_SHARE = 1 / 8;
/** Bytes before anything is known, and at most: more than any line of a home or an office holds. */
const FIRST_BYTES = 32 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;
/** How much more may be on its way after a round in which no queue was seen: until the first queue, and later. */
const FIRST_GROWTH = 2;
const GROWTH = 1.25;
/** Share of the window that was on the way when a mark went out that shows what the window does. */
const FULL_SHARE = 0.75;
/** Answers of a round of which the quickest counts: a program that is late, here or there, looks like a queue. */
const ROUND_ANSWERS = 4;
/** Milliseconds between two marks while bytes flow. */
const MARK_MS = 2;
/** Milliseconds after which an end that answered no mark yet is taken for one that never does. */
export const UNANSWERED_MS = 1_000;
/** The shortest time is believed for so long (a hundred round trips where that is more); then the queue is let run empty to see it again. */
const BELIEVED_MS = 30_000;
const BELIEVED_ROUNDS = 100;
/** Where a queue stands and so little of what the line carried comes through, it may have become longer: then it is looked at sooner, but not all the time. */
const DOUBTFUL_SHARE = 0.25;
const DOUBTED_MS = 1_000;
/** Answers over the empty line by which it is measured. */
const EMPTY_ANSWERS = 3;
/** Milliseconds of sending that may be made up for at once: timers are no finer. */
const CATCH_UP_MS = 4;

/** What has come of a message when its socket dies is lost: the more often that happens, the smaller they are, down to this. */
const LEAST_LIMIT_BYTES = 32 * 1024;
/** Bytes without a cut after which messages may be twice as large again. */
const FORGIVEN_BYTES = 64 * 1024 * 1024;

interface Mark {
  readonly id: number;
  readonly at: number;
  /** Bytes sent before it, and of them those that were known to have arrived when it went out. */
  readonly sent: number;
  readonly arrived: number;
  /** Went out before the line was known. */
  readonly isOfBurst: boolean;
}

/** What the sockets of one tunnel know of the line that they share. */
export class Line {
  /** Milliseconds that a mark takes through the empty line; null while none came back. */
  shortestMs: number | null = null;
  /** Bytes that were on the way lately over one socket. */
  windowBytes = FIRST_BYTES;
  /** False for an end that answers no marks: it is sent to at full speed. */
  answers = true;
  /** A queue was seen: the line carries no more than is sent. */
  filled = false;
  /** Bytes of a message at most. */
  limitBytes: number;
  #sinceCut = 0;
  #seenAt = 0;
  /** Bytes a millisecond that one socket had at best since the shortest time was seen. */
  #best = 0;
  /** The queue is let run empty; marks that go out after `from` count. */
  #emptying: { readonly from: number; left: number; shortestMs: number } | null = null;

  /** @param before the line of the session before: it may have been another one, but its cuts are remembered */
  constructor(before?: Pick<Line, 'limitBytes'>) {
    this.limitBytes = before?.limitBytes ?? TUNNEL_MESSAGE_BYTES;
  }

  /** A socket died while it carried a recording. */
  cut(): void {
    this.#sinceCut = 0;
    this.limitBytes = Math.max(LEAST_LIMIT_BYTES, this.limitBytes / 2);
  }

  sent(bytes: number): void {
    this.#sinceCut += bytes;
    if (this.#sinceCut < FORGIVEN_BYTES) return;
    this.#sinceCut = 0;
    this.limitBytes = Math.min(TUNNEL_MESSAGE_BYTES, this.limitBytes * 2);
  }

  get isEmptying(): boolean {
    return this.#emptying !== null;
  }

  /** @param sentAt when the mark went out that came back now after `tookMs` */
  saw(sentAt: number, tookMs: number, now: number): void {
    const known = this.shortestMs;
    const emptying = this.#emptying;
    if (emptying !== null && sentAt >= emptying.from) {
      emptying.shortestMs = Math.min(emptying.shortestMs, tookMs);
      emptying.left -= 1;
      if (emptying.left > 0) return;
      this.#emptying = null;
      this.shortestMs = emptying.shortestMs;
      this.#seenAt = now;
      this.#best = 0;
    } else if (known === null || tookMs <= known) {
      this.shortestMs = tookMs;
      this.#seenAt = now;
    } else if (now - this.#seenAt > Math.max(BELIEVED_MS, BELIEVED_ROUNDS * known)) this.#empty(now, tookMs);
  }

  /** One socket got so much through while a queue stood. */
  carried(bytesPerMs: number, tookMs: number, now: number): void {
    this.#best = Math.max(this.#best, bytesPerMs);
    if (bytesPerMs < this.#best * DOUBTFUL_SHARE && now - this.#seenAt > Math.max(DOUBTED_MS, 4 * tookMs))
      this.#empty(now, tookMs);
  }

  #empty(now: number, tookMs: number): void {
    this.#emptying ??= { from: now + tookMs, left: EMPTY_ANSWERS, shortestMs: Number.POSITIVE_INFINITY };
  }
}

export class Pace {
  readonly #line: Line;
  readonly #marks: Mark[] = [];
  #window: number;
  #sent = 0;
  #arrived = 0;
  #marked = 0;
  #markedAt = Number.NEGATIVE_INFINITY;
  #nextId = 1;
  /** Bytes that may go at once. */
  #credit = 0;
  #creditAt = 0;
  /** A mark that went out before this shows a window that is no more. */
  #roundFrom = Number.NEGATIVE_INFINITY;
  /** The quickest answer of this round, and how many there were. */
  #best: { readonly mark: Mark; readonly tookMs: number } | null = null;
  #answers = 0;

  constructor(line: Line) {
    this.#line = line;
    this.#window = line.windowBytes;
  }

  /** True when the next piece has to wait for an answer. */
  get full(): boolean {
    return this.#line.answers && this.#sent - this.#arrived >= this.#room;
  }

  /**
   * Milliseconds until the next piece may go, where it need not wait for an answer: what is let through in a round trip is spread over most of
   * it, since a burst is a queue for everybody else.
   */
  waitMs(now: number): number {
    const { answers, shortestMs, filled } = this.#line;
    if (!answers || shortestMs === null) return 0;
    const bytesPerMs = ((filled ? GROWTH : FIRST_GROWTH) * this.#window) / shortestMs;
    const most = Math.max(this.pieceBytes, bytesPerMs * CATCH_UP_MS);
    this.#credit = Math.min(most, this.#credit + Math.max(0, now - this.#creditAt) * bytesPerMs);
    this.#creditAt = now;
    return this.#credit > 0 ? 0 : (1 - this.#credit) / bytesPerMs;
  }

  /** Bytes of the next piece at most: small enough that a call need not wait long behind one. */
  get pieceBytes(): number {
    const { answers, shortestMs, limitBytes } = this.#line;
    if (!answers) return limitBytes;
    const share = Math.min(PIECE_SHARE, PIECE_MS / (shortestMs ?? PIECE_MS));
    return Math.max(LEAST_PIECE_BYTES, Math.min(limitBytes, Math.floor(this.#window * share)));
  }

  /** Bytes went out that no mark follows yet. */
  get unmarked(): boolean {
    return this.#marked < this.#sent;
  }

  sent(bytes: number): void {
    // On a socket that was idle: what others have found out about the line since holds for it too, as for a new one.
    if (this.#sent === this.#arrived) this.#window = this.#line.windowBytes;
    this.#sent += bytes;
    this.#line.sent(bytes);
    this.#credit -= bytes;
  }

  /** @returns the number of a mark that is to go out now, or null. `last`: nothing follows at once. */
  mark(now: number, last: boolean): number | null {
    if (!this.unmarked || !(last || now - this.#markedAt >= MARK_MS)) return null;
    const id = this.#nextId;
    this.#nextId += 1;
    const isOfBurst = this.#line.shortestMs === null;
    this.#marks.push({ id, at: now, sent: this.#sent, arrived: this.#arrived, isOfBurst });
    this.#marked = this.#sent;
    this.#markedAt = now;
    return id;
  }

  /** The far end answered a mark. Numbers that are not those of marks under way mean nothing. */
  answered(id: number, now: number): void {
    const index = this.#marks.findIndex((mark) => mark.id === id);
    const mark = this.#marks[index];
    if (mark === undefined) return;
    this.#marks.splice(0, index + 1);
    this.#arrived = mark.sent;
    const line = this.#line;
    line.answers = true;
    const tookMs = Math.max(now - mark.at, 0.01);
    line.saw(mark.at, tookMs, now);
    // What went out in one burst, before the line was known, and what an emptying line shows is not the window's doing.
    if (mark.isOfBurst || line.isEmptying || mark.at < this.#roundFrom) return;
    // Where less was there to send, it says little about how much the line would take.
    if (mark.sent - mark.arrived < this.#window * FULL_SHARE && tookMs - (line.shortestMs ?? 0) < 2 * QUEUE_MS) return;
    if (this.#best === null || tookMs < this.#best.tookMs) this.#best = { mark, tookMs };
    this.#answers += 1;
    if (this.#answers < ROUND_ANSWERS) return;
    this.#settle(this.#best.mark, this.#best.tookMs, now);
    this.#best = null;
    this.#answers = 0;
    this.#roundFrom = now;
    line.windowBytes = this.#window;
  }

  /** To be asked once in a while when it is full: an end that never answered a mark is not waited for. */
  unanswered(now: number): void {
    const [oldest] = this.#marks;
    if (this.#line.shortestMs === null && oldest !== undefined && now - oldest.at >= UNANSWERED_MS)
      this.#line.answers = false;
  }

  /** Bytes that may be on the way now. */
  get #room(): number {
    const { isEmptying, shortestMs } = this.#line;
    if (!isEmptying || shortestMs === null) return this.#window;
    return Math.max(FLOOR_BYTES, (this.#window * shortestMs) / (shortestMs + QUEUE_MS) / 2);
  }

  /** How much may be on the way from now on. */
  #settle({ sent, arrived }: Mark, tookMs: number, now: number): void {
    const line = this.#line;
    const shortestMs = line.shortestMs ?? tookMs;
    const onTheWay = sent - arrived;
    const isFull = onTheWay >= this.#window * FULL_SHARE;
    if (tookMs - shortestMs < QUEUE_MS / 2) {
      if (!isFull) return;
      // Over a far line the same step is a longer queue.
      const growth = line.filled ? Math.min(GROWTH, 1 + (2 * QUEUE_MS) / shortestMs) : FIRST_GROWTH;
      this.#window = Math.min(MOST_BYTES, this.#window * growth);
      return;
    }
    line.filled = true;
    line.carried(onTheWay / tookMs, tookMs, now);
    const wanted = (onTheWay / tookMs) * (shortestMs + QUEUE_MS) + OWN_BYTES;
    const most = this.#window * (isFull ? GROWTH : 1);
    this.#window = Math.max(FLOOR_BYTES, Math.min(Math.max(wanted, this.#window / 2), most));
  }
}
