/**
 * Where the time of a takeover went, in ms: `vote` until a majority promised, `cut` until nothing more is confirmed to the
 * old primary and its stream is stopped, `drain` until all that was received is applied, `record` until a majority
 * accepted, `open` until the server is writable, `vip` until the address is here; `total` of them.
 */

import type { Row } from '../../shared/pair/table.ts';

const MARKS = { S5: 'begin', T5: 'vote', T6: 'cut', T7: 'drain', T8: 'record', O4: 'open' } as const;
const PHASES = ['vote', 'cut', 'drain', 'record', 'open', 'vip'] as const;

type Mark = (typeof MARKS)[keyof typeof MARKS] | 'vip';

export class PromotionClock {
  last: Record<string, number> | null = null;
  readonly #marks = new Map<Mark, number>();

  /** A row was decided by, at this monotonic time in ms. */
  sawRow({ id }: Row, now: number): void {
    const mark: Mark | undefined = Object.hasOwn(MARKS, id) ? MARKS[id as keyof typeof MARKS] : undefined;
    if (mark === undefined) return;
    if (mark === 'begin') this.#marks.clear();
    else if (!this.#marks.has('begin')) return;
    this.#marks.set(mark, now);
  }

  /** Called while this host is primary and has the address. */
  serves(now: number): void {
    if (!this.#marks.has('open')) return;
    this.#marks.set('vip', now);
    this.last = lengths(this.#marks);
    this.#marks.clear();
  }
}

function lengths(marks: ReadonlyMap<Mark, number>): Record<string, number> {
  const begin = marks.get('begin') ?? 0;
  const result: Record<string, number> = {};
  let before = begin;
  for (const phase of PHASES) {
    const at = Math.max(before, marks.get(phase) ?? before);
    result[phase] = round(at - before);
    before = at;
  }
  return { ...result, total: round(before - begin) };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
