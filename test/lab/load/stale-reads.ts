/** The counter's law: nobody sees less than what somebody was told before. Pure. */

import type { CounterAdd, CounterRead } from './observations.ts';

export interface StaleRead {
  readonly kind: 'add' | 'read';
  readonly server: number;
  readonly at: number;
  readonly value: number;
  /** What had been told before this was asked. */
  readonly told: number;
  /** How long before it was asked this had been told. */
  readonly staleMs: number;
}

/** Reads below a value told before they were asked, and additions that did not go above one. */
export function staleReads(events: readonly (CounterAdd | CounterRead)[]): StaleRead[] {
  const ended = [...events].sort((a, b) => a.at - b.at);
  const begun = [...events].sort((a, b) => a.from - b.from);
  // Highest value told so far, and when a value above v was told first.
  const rises: { readonly value: number; readonly at: number }[] = [];
  let index = 0;
  return begun.flatMap(({ kind, server, from, at, value }) => {
    for (let before = ended[index]; before !== undefined && before.at < from; before = ended[++index])
      if (before.value > (rises.at(-1)?.value ?? -1)) rises.push({ value: before.value, at: before.at });
    const told = rises.at(-1)?.value ?? -1;
    const least = kind === 'add' ? value - 1 : value;
    if (told <= least) return [];
    const since = rises.find((rise) => rise.value > least)?.at ?? from;
    return [{ kind, server, at, value, told, staleMs: from - since }];
  });
}
