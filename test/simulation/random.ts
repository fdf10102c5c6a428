/** A seeded generator (mulberry32): the same seed gives the same schedule on every machine. */

export interface Random {
  /** In [0, 1). */
  readonly next: () => number;
  /** In [from, to). */
  readonly between: (from: number, to: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <const T>(items: readonly T[]) => T;
}

export function createRandom(seed: number): Random {
  let state = (Math.imul(seed, 0x9e3779b1) + 0x6d2b79f5) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    between: (from, to) => from + next() * (to - from),
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError('There is nothing to pick from.');
      return item;
    },
  };
}
