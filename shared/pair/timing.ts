/** The protocol's times, in milliseconds of a monotonic clock. Promises outlast leases by the clocks' drift and a margin. */

export interface Timing {
  /** L: how long a lease is valid, counted from the moment its request was sent. */
  readonly leaseMs: number;
  /** How long a grantor keeps its word, counted from the moment the request arrived. */
  readonly promiseMs: number;
  readonly renewMs: number;
  /** Taken off each lease before the kernel gets it. */
  readonly fenceMarginMs: number;
  /** Silence after which a standby suspects the primary, and a fenced node kills its server. */
  readonly suspectMs: number;
  /** How long commits may wait for a lost standby before the primary asks to go on alone. */
  readonly soloMs: number;
  readonly hungMs: number;
  /** A witness that is silent for so long loses its vote. */
  readonly witnessAwayMs: number;
  /** A witness that voted within this time gets its vote back. */
  readonly witnessBackMs: number;
  /** How long the standby must have kept up before commits wait for it again. */
  readonly steadyMs: number;
  /** Pause between two attempts to start the way back. */
  readonly wayBackMs: number;
  /** How long a demoted primary leaves the field to the standby before it asks for its lease again. */
  readonly handoverMs: number;
  /** How long a primary without its server keeps the lease from a standby that is ready. */
  readonly startMs: number;
  /** Before a switchover stops anything, the standby has applied what was written so long ago; how long that is waited for. */
  readonly levelMs: number;
  readonly levelWithinMs: number;
  /** How long a switchover may take, once it has stopped the clients, until the lease is handed over, and read_only in it. */
  readonly drainMs: number;
  readonly readOnlyMs: number;
  /** Three rounds between SYNC and SOLO within this time hold SOLO for as long. */
  readonly flapMs: number;
  /** How long keepalived has to bring the address back before the standby is given the chance. */
  readonly addressMs: number;
  /** No second failover within this time while the primary's host is alive. */
  readonly failoverMs: number;
  /** Pause between two ballots of one node. */
  readonly ballotMs: number;
}

export const DRIFT = 0.01;
export const GRACE_MS = 100;

/** L(1+ρ) + g, rounded up to 10 ms: 810 ms for a lease of 700 ms. */
export function promiseMsFor(leaseMs: number): number {
  return Math.ceil((leaseMs * (1 + DRIFT) + GRACE_MS) / 10) * 10;
}

export const TIMING: Timing = {
  leaseMs: 700,
  promiseMs: promiseMsFor(700),
  renewMs: 100,
  fenceMarginMs: 50,
  suspectMs: 300,
  soloMs: 500,
  hungMs: 600,
  witnessAwayMs: 10_000,
  witnessBackMs: 1_000,
  steadyMs: 2_000,
  wayBackMs: 1_000,
  handoverMs: 1_500,
  startMs: 10_000,
  levelMs: 300,
  levelWithinMs: 2_500,
  drainMs: 500,
  readOnlyMs: 200,
  flapMs: 60_000,
  addressMs: 3_000,
  failoverMs: 5_000,
  ballotMs: 200,
};
