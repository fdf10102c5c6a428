/** A reading that never overlaps itself: who asks during one gets the next one, together with all who ask meanwhile. */

export class Coalesced {
  readonly #read: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** `read` never rejects. */
  constructor(read: () => Promise<void>) {
    this.#read = read;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  /** Settles when a reading has ended that began after this call. */
  request(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#start();
    });
    return this.#next;
  }

  /** Stays `#running` until the next one takes its place: nobody who asks in between starts another beside it. */
  #start(): Promise<void> {
    const running = this.#read().then(() => {
      if (this.#running === running && this.#next === undefined) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
