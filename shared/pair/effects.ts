/**
 * What a guard does, as data. Effects of one step are performed in their order, each only when the one before it
 * succeeded; a guard that dies in between has performed a beginning of them. Times are absolute, on the host's
 * monotonic clock: whoever performs an effect late computes the rest of the time when performing it.
 */

import type { Stamp, VoteAnswer, VoteRequest } from './messages.ts';
import type { Ledger } from './voter.ts';
import type { VoterId } from './weights.ts';

/** What a guard tells the other guard ten times a second. */
export interface Beat {
  readonly kind: 'beat';
  /** Beats may overtake each other: only the newest counts. */
  readonly stamp: Stamp;
  readonly promotable: boolean;
  /** Which run of the sender's replication threads this is. */
  readonly threads: number;
  /** End of the sender's binlog, read after the sender knew that the receiver's threads are in run `echo`. */
  readonly position: number;
  readonly echo: number | null;
  /** Up to which position of the primary the sender has applied everything. */
  readonly applied: number;
  /** The sender waits for the primary to go on without it. */
  readonly leaving: boolean;
}

export type Message =
  | Beat
  | { readonly kind: 'request'; readonly request: VoteRequest }
  | AnswerMessage
  /** A voter without a ledger does not vote; `memory` tells this life of its ledger from every other. */
  | { readonly kind: 'forgot'; readonly memory: number };

interface AnswerMessage {
  readonly kind: 'answer';
  readonly answer: VoteAnswer;
}

/** What a guard must find again after its own restart. */
export interface Durable {
  readonly ledger: Ledger;
  /** The last epoch in which this node served, null once it was verified against a primary. */
  readonly servedEpoch: number | null;
  readonly order: StandingOrder | null;
}

/** What an operator wants of this node until it is taken back or expires. */
export interface StandingOrder {
  /** fence: it does not serve. solo: as primary it goes on alone. maintenance: it is left to the operator. */
  readonly kind: 'fence' | 'solo' | 'maintenance';
  readonly reason: string;
  /** Wall clock in ms, null for no end. */
  readonly expiresAt: number | null;
}

export type Effect =
  | { readonly kind: 'persist'; readonly durable: Durable }
  | { readonly kind: 'send'; readonly to: VoterId; readonly message: Message }
  /** The own vote hears it as a message from the node itself: not before the effects in front of it were performed. */
  | { readonly kind: 'own-vote'; readonly request: VoteRequest }
  | { readonly kind: 'fence-open'; readonly until: number }
  | { readonly kind: 'fence-close' }
  | { readonly kind: 'permit'; readonly allowed: false }
  | { readonly kind: 'permit'; readonly allowed: true; readonly until: number }
  | { readonly kind: 'server-start'; readonly role: 'master' | 'slave' }
  | { readonly kind: 'server-kill' }
  /** Void after `until`, like every effect that opens: the lease it rests on may be over when it is performed. */
  | { readonly kind: 'writable'; readonly until: number }
  | { readonly kind: 'semi-sync'; readonly on: boolean }
  | { readonly kind: 'ack-path'; readonly open: boolean }
  | { readonly kind: 'io-thread'; readonly on: boolean }
  /** Rule R3 (gtid_slave_pos := gtid_binlog_pos), then both threads: throws away what was received and not applied. */
  | { readonly kind: 'replication-start' }
  /**
   * The way back to the primary runs, where nothing depends on what was received: from where it was left, or from where the
   * peer is (`peerHas`, what it has applied) rather than through all that this server itself has written since.
   */
  | { readonly kind: 'way-back'; readonly peerHas: number }
  /** Each received event is on the disk before it is confirmed; off: it is left to the system when. */
  | { readonly kind: 'relay-sync'; readonly on: boolean }
  /** No packet of a client comes in; answers still leave. Off: only forgets it, the next fence-open lets clients in. */
  | { readonly kind: 'freeze'; readonly on: boolean }
  /** read_only = 1, given up (failed, still writable) when it takes longer. */
  | { readonly kind: 'read-only'; readonly withinMs: number }
  /** Whatever the peer has open to this server ends in the kernel: its replica connects again, if it is there. */
  | { readonly kind: 'end-stream' }
  /** Sessions of clients end with an RST, so that they connect to the new primary at once. */
  | { readonly kind: 'reset-sessions' }
  | { readonly kind: 'alarm'; readonly text: string };
