/** Events in virtual time, in order; of two at the same time, the one that was planned first. */

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

export class Timeline {
  now = 0;
  #order = 0;
  readonly #heap: Planned[] = [];

  after(ms: number, act: () => void): void {
    this.at(this.now + ms, act);
  }

  at(time: number, act: () => void): void {
    const heap = this.#heap;
    heap.push({ at: Math.max(time, this.now), order: this.#order++, act });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#swapIfLater(parent, child)) break;
      child = parent;
    }
  }

  runUntil(time: number, stop?: () => boolean): void {
    for (let first = this.#heap[0]; first !== undefined && first.at <= time; first = this.#heap[0]) {
      this.#removeFirst();
      this.now = first.at;
      first.act();
      if (stop?.()) return;
    }
    this.now = time;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let parent = 0; ; ) {
      let child = 2 * parent + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && this.#isLater(child, child + 1)) child += 1;
      if (!this.#swapIfLater(parent, child)) return;
      parent = child;
    }
  }

  #isLater(a: number, b: number): boolean {
    const one = this.#heap[a];
    const two = this.#heap[b];
    if (one === undefined || two === undefined) return false;
    return one.at > two.at || (one.at === two.at && one.order > two.order);
  }

  #swapIfLater(parent: number, child: number): boolean {
    if (!this.#isLater(parent, child)) return false;
    const one = this.#heap[parent];
    const two = this.#heap[child];
    if (one === undefined || two === undefined) return false;
    this.#heap[parent] = two;
    this.#heap[child] = one;
    return true;
  }
}
