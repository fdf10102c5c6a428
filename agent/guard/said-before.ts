/** Keeps back what would be said again and again: it is said the first time, and then with how often, once in a while. */

const EVERY_MS = 10_000;

export class SaidBefore {
  readonly #said = new Map<string, { at: number; keptBack: number }>();

  /** How often `what` was kept back since it was said last; undefined when it is to be kept back now. */
  mayBeSaid(what: string, now: number): number | undefined {
    const last = this.#said.get(what);
    if (last !== undefined && now - last.at < EVERY_MS) {
      last.keptBack += 1;
      return undefined;
    }
    this.#said.set(what, { at: now, keptBack: 0 });
    return last?.keptBack ?? 0;
  }
}
