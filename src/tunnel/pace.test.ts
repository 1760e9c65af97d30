import { describe, expect, test } from 'vitest';
import { Line, Pace, UNANSWERED_MS } from './pace.ts';

const MESSAGE = 256 * 1024;

/** A line in steps of a tenth of a millisecond: one queue that all senders share, then a way of half a round trip in each direction. */
class LineOf {
  readonly bytesPerMs: number;
  roundTripMs: number;
  now = 0;
  readonly senders: Pace[] = [];
  /** Bytes that have left the queue. */
  get carried(): number {
    return this.#taken - Math.max(0, this.#freeAt - this.now) * this.bytesPerMs;
  }
  readonly queuesMs: number[] = [];
  /** False: the far end answers no mark. */
  answering = true;
  #freeAt = 0;
  #taken = 0;
  readonly #answers: { readonly at: number; readonly pace: Pace; readonly id: number }[] = [];

  constructor(bytesPerMs: number, roundTripMs: number) {
    this.bytesPerMs = bytesPerMs;
    this.roundTripMs = roundTripMs;
  }

  join(line: Line): void {
    this.senders.push(new Pace(line));
  }

  run(ms: number): void {
    for (const end = this.now + ms; this.now < end; this.now += 0.1) {
      while ((this.#answers[0]?.at ?? Number.POSITIVE_INFINITY) <= this.now) {
        const answer = this.#answers.shift();
        answer?.pace.answered(answer.id, this.now);
      }
      for (const sender of this.senders) this.#send(sender);
      this.queuesMs.push(Math.max(0, this.#freeAt - this.now));
    }
  }

  /** Milliseconds of queue below which nearly all of the last steps lay. */
  queueMs(steps: number): number {
    const last = this.queuesMs.slice(-steps).sort((a, b) => a - b);
    return last[Math.floor(last.length * 0.95)] ?? 0;
  }

  #send(pace: Pace): void {
    pace.unanswered(this.now);
    // A sender has always more, and stops where the computer's own buffer is full.
    while (!pace.full && pace.waitMs(this.now) === 0 && this.#freeAt - this.now < 4_000) {
      const bytes = Math.min(MESSAGE, pace.pieceBytes);
      this.#freeAt = Math.max(this.now, this.#freeAt) + bytes / this.bytesPerMs;
      this.#taken += bytes;
      pace.sent(bytes);
      this.#mark(pace, false);
    }
    if (pace.full) this.#mark(pace, true);
  }

  #mark(pace: Pace, last: boolean): void {
    const id = pace.mark(this.now, last);
    if (id === null || !this.answering) return;
    this.#answers.push({ at: this.#freeAt + this.roundTripMs, pace, id });
    this.#answers.sort((a, b) => a.at - b.at);
  }
}

describe.each([
  { name: 'a home’s uplink to another continent', rate: 5_000, roundTrip: 80 },
  { name: 'a slow uplink near by', rate: 1_000, roundTrip: 20 },
  { name: 'an office, far away', rate: 60_000, roundTrip: 80 },
  { name: 'a fast line near by', rate: 100_000, roundTrip: 5 },
  { name: 'a satellite', rate: 2_000, roundTrip: 600 },
])('$name: $rate bytes and $roundTrip ms', ({ rate, roundTrip }) => {
  test.each([1, 2, 4])('%i recordings at once fill it and leave no queue that anybody notices', (count) => {
    const line = new LineOf(rate, roundTrip);
    const known = new Line();
    for (let left = count; left > 0; left -= 1) line.join(known);
    line.run(20 * roundTrip + 500);
    const before = line.carried;
    const ms = 10 * roundTrip + 500;
    line.run(ms);
    expect((line.carried - before) / (rate * ms)).toBeGreaterThan(0.95);
    // Of four senders each may have a piece in the line beyond what is aimed at.
    expect(line.queueMs(ms * 10)).toBeLessThan(45 + (count * 32 * 1024) / rate);
  });
});

test('a line that becomes longer is filled again', () => {
  const line = new LineOf(5_000, 20);
  line.join(new Line());
  line.run(2_000);
  line.roundTripMs = 150;
  line.run(6_000);
  const before = line.carried;
  line.run(2_000);
  expect((line.carried - before) / (5_000 * 2_000)).toBeGreaterThan(0.9);
  expect(line.queueMs(20_000)).toBeLessThan(60);
});

test('a socket that was idle begins with what others have found out about the line since', () => {
  const line = new LineOf(60_000, 80);
  const known = new Line();
  const idle = new Pace(known);
  line.join(known);
  line.run(5_000);
  line.senders.pop();
  line.run(300);
  line.senders.push(idle);
  const before = line.carried;
  line.run(1_000);
  expect((line.carried - before) / 1_000).toBeGreaterThan(0.9 * line.bytesPerMs);
});

test('an end that answers no marks is sent to at full speed after a moment, and the next socket at once', () => {
  const line = new LineOf(60_000, 80);
  line.answering = false;
  const known = new Line();
  line.join(known);
  line.run(UNANSWERED_MS / 2);
  expect(line.senders[0]?.full).toBe(true);
  line.run(UNANSWERED_MS);
  const before = line.carried;
  line.run(1_000);
  expect(line.carried - before).toBeGreaterThanOrEqual(0.99 * 60_000 * 1_000);
  expect(known.answers).toBe(false);
  const next = new Pace(known);
  next.sent(100 * MESSAGE);
  expect(next.full).toBe(false);
});

test('an end that was only slow to answer is paced from its first answer on', () => {
  const known = new Line();
  const pace = new Pace(known);
  pace.sent(MESSAGE);
  const id = pace.mark(0, true) ?? 0;
  pace.unanswered(UNANSWERED_MS);
  expect(pace.full).toBe(false);
  pace.sent(MESSAGE);
  pace.answered(id, 2_000);
  expect(pace.full).toBe(true);
});

test('a mark that was never made, or was answered before, changes nothing', () => {
  const pace = new Pace(new Line());
  pace.sent(MESSAGE);
  const id = pace.mark(0, true) ?? 0;
  pace.answered(id + 1, 1);
  expect(pace.full).toBe(true);
  pace.answered(id, 50);
  expect(pace.full).toBe(false);
  pace.sent(2 * MESSAGE);
  pace.answered(id, 60);
  expect(pace.full).toBe(true);
});

test('marks go out behind bytes alone, and not one behind every piece', () => {
  const pace = new Pace(new Line());
  expect(pace.mark(0, true)).toBeNull();
  pace.sent(1_000);
  expect(pace.mark(0, false)).not.toBeNull();
  pace.sent(1_000);
  expect(pace.mark(1, false)).toBeNull();
  expect(pace.unmarked).toBe(true);
  expect(pace.mark(3, false)).not.toBeNull();
  expect(pace.mark(3, true)).toBeNull();
});

test('messages are smaller after cuts, and large again after many bytes without one', () => {
  const line = new Line();
  const pace = new Pace(line);
  pace.unanswered(0);
  line.answers = false;
  expect(pace.pieceBytes).toBe(MESSAGE);
  line.cut();
  expect(pace.pieceBytes).toBe(MESSAGE / 2);
  for (let cuts = 0; cuts < 10; cuts += 1) line.cut();
  expect(pace.pieceBytes).toBe(32 * 1024);
  expect(new Line(line).limitBytes).toBe(32 * 1024);
  for (let sent = 0; sent < 1_000; sent += 1) pace.sent(MESSAGE);
  expect(pace.pieceBytes).toBe(MESSAGE);
});
