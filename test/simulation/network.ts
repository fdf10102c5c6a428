/** Who reaches whom: directional cuts, loss, doubles, delays that reorder. One generator decides, so a seed replays. */

import { VOTERS, type VoterId } from '../../shared/pair/weights.ts';
import type { Random } from './random.ts';

export class Network {
  loss = 0;
  /** Share of the messages that take up to 600 ms. */
  slow = 0;
  readonly #cuts = new Map<string, number>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  reaches(from: VoterId, to: VoterId): boolean {
    return (this.#cuts.get(from + to) ?? 0) === 0;
  }

  cut(from: VoterId, to: VoterId, by: 1 | -1): void {
    this.#cuts.set(from + to, Math.max(0, (this.#cuts.get(from + to) ?? 0) + by));
  }

  isolate(one: VoterId, by: 1 | -1): void {
    for (const other of VOTERS) {
      if (other === one) continue;
      this.cut(one, other, by);
      this.cut(other, one, by);
    }
  }

  /** When the copies of a message arrive, in ms from now: none, one or two. */
  delays(from: VoterId, to: VoterId): number[] {
    if (!this.reaches(from, to) || this.#random.chance(this.loss)) return [];
    const copies = this.#random.chance(0.02) ? 2 : 1;
    return Array.from({ length: copies }, () => this.#delay());
  }

  #delay(): number {
    const random = this.#random;
    if (random.chance(this.slow)) return random.between(20, 600);
    if (random.chance(0.01)) return random.between(20, 3_000);
    return random.between(0.2, 6);
  }
}
