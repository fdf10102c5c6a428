/** How far behind the peer this host is, in time: when the peer had the last thing that is known to be here, too. */

import { covers, type GtidPosition } from './gtid.ts';

export class CatchUp {
  #caughtUpAt: number | undefined;
  /** A position of the peer that has not yet been reached here, and when the peer told it. */
  #goal: { readonly at: number; readonly position: GtidPosition } | undefined;

  /** Returns when the peer had what is here now; undefined until it is known. */
  see(own: GtidPosition, peer: GtidPosition | undefined, peerAt: number | undefined): number | undefined {
    if (this.#goal === undefined && peer !== undefined && peerAt !== undefined)
      this.#goal = { at: peerAt, position: peer };
    if (this.#goal !== undefined && covers(own, this.#goal.position)) {
      this.#caughtUpAt = this.#goal.at;
      this.#goal = undefined;
    }
    return this.#caughtUpAt;
  }
}
