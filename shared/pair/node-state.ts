/** What a guard knows: the phase of its node, its vote, lease and ballot, what the peer said last, and its server's facts. */

import type { Beat, Durable, StandingOrder } from './effects.ts';
import { type HeldLease, noLease } from './lease.ts';
import type { Amnesia, Handover } from './messages.ts';
import type { Proposal } from './proposal.ts';
import type { PairRecord } from './record.ts';
import type { Timing } from './timing.ts';
import { startVoter, type Voter } from './voter.ts';
import type { NodeId } from './weights.ts';

export const PHASES = [
  'INIT',
  'PRIMARY_SYNC',
  'PRIMARY_SOLO',
  'DRAINING',
  'FENCED',
  'DEMOTED',
  'REJOINING',
  'STANDBY_CATCHUP',
  'STANDBY_READY',
  'PROMOTING',
  'NEEDS_REPAIR',
  'MAINTENANCE',
] as const;
export type Phase = (typeof PHASES)[number];

/** The local server and its surroundings as just read. Reading begins after the previous event was handled. */
export interface NodeFacts {
  readonly server: 'down' | 'starting' | 'up' | 'hung';
  readonly writable: boolean;
  readonly semiSync: boolean;
  /** A commit of the guard, begun after semi-sync was switched on, was confirmed by the standby. */
  readonly sentinelAcked: boolean;
  /** Age of the oldest commit that waits for the standby, in ms. */
  readonly waitersMs: number;
  readonly ackPathOpen: boolean;
  readonly ioRunning: boolean;
  readonly sqlRunning: boolean;
  readonly sqlError: boolean;
  /** The IO thread is connected to the peer as a semi-sync replica. */
  readonly streaming: boolean;
  /** What is received is on the disk before it is confirmed. */
  readonly relaySynced: boolean;
  /** Counts each start of both threads, and of the server: received events may have been thrown away. */
  readonly threads: number;
  /** Everything received is applied: gtid_slave_pos = Gtid_IO_Pos. */
  readonly drained: boolean;
  /** Sequence number of the last received event, and of the last one in the own binlog. */
  readonly received: number;
  readonly position: number;
  /** Sequence number up to which what was received is applied: gtid_slave_pos. */
  readonly applied: number;
  /** How long the virtual address, which was here, has been away although this node may hold it, in ms; else 0. */
  readonly addressLostMs: number;
  /** The server's disk has no room for writes. */
  readonly diskFull: boolean;
  /** The server is down and to stay so, because an operator or a drill says so or its disk is full: nothing starts it. */
  readonly held: boolean;
  /** The own binlog against the primary's. */
  readonly comparison: 'clean' | 'errant' | 'unknown';
}

export interface PeerView {
  readonly at: number;
  readonly beat: Beat;
  /** Since when the peer says without a break, silence being one, that it is promotable; null when it is not. */
  readonly readySince: number | null;
}

/** What the standby must have applied before anything stops, since when that is waited for, and until when. */
export interface AskedSwitchover {
  readonly position: number;
  readonly since: number;
  readonly until: number;
}

export interface NodeState {
  readonly id: NodeId;
  readonly phase: Phase;
  readonly enteredAt: number;
  /** When this run of the guard began. */
  readonly bornAt: number;
  readonly boot: number;
  readonly voter: Voter;
  readonly servedEpoch: number | null;
  readonly lease: HeldLease;
  /** Since when looks found a valid lease here; null: the last one found none. */
  readonly leasedAt: number | null;
  /** Until when the kernel was told to let clients in. */
  readonly openUntil: number;
  readonly proposal: Proposal | null;
  /** The newest record that this run of the guard knows to be decided. */
  readonly decided: PairRecord | null;
  /** The newest record heard of, decided or not. */
  readonly seen: PairRecord;
  /** The highest ballot heard of. */
  readonly highest: number;
  readonly beats: number;
  readonly peer: PeerView | null;
  /** When the recorded primary was last heard, or null since it released its lease. */
  readonly primaryAt: number | null;
  /** When the witness last voted, or the start of this run; and when it did so in this run. */
  readonly witnessAt: number;
  readonly witnessHeardAt: number;
  /** A witness without a ledger, and the highest ballot known when it was first heard. */
  readonly amnesia: Amnesia | null;
  /** When the other node last said that it lost its ledger. */
  readonly peerForgotAt: number;
  /** The server was seen writable in this PRIMARY phase: from then on grants keep the kernel's port open. */
  readonly opened: boolean;
  readonly lastProposalAt: number;
  /** When the way back was last started. */
  readonly wayBackAt: number;
  /** When commits last stopped waiting for a standby that did not confirm them. */
  readonly standbyLostAt: number;
  /** When what the peer had open to this server was last ended. */
  readonly streamEndedAt: number;
  /** The primary's position after this run of the threads began: what must be received to be promotable (I5). */
  readonly proof: { readonly threads: number; readonly position: number } | null;
  readonly promotable: boolean;
  readonly order: StandingOrder | null;
  /** When the order ends, on the host's monotonic clock. */
  readonly orderUntil: number;
  /** A switchover was asked for. */
  readonly switchover: AskedSwitchover | null;
  /** A switchover has begun: when it must have come so far that the lease is handed over. */
  readonly drainUntil: number | null;
  /** What this node handed over, and what the other one did. */
  readonly handedOver: Handover | null;
  readonly handover: Handover | null;
  /** What the peer was last told to be applied here. */
  readonly toldApplied: number;
  /** The last changes between SYNC and SOLO, as many as make flapping. */
  readonly modeChanges: readonly number[];
  /** When the other node was last seen to take over without this one's help. */
  readonly tookOverAt: number;
  /** How the last switchover ended, if it did not succeed. */
  readonly note: string | null;
}

/** `wallNow`: the wall clock in ms, by which a standing order may have expired. */
export function startNode(
  id: NodeId,
  durable: Durable,
  boot: number,
  now: number,
  timing: Timing,
  wallNow = Number.NEGATIVE_INFINITY,
): NodeState {
  const { order } = durable;
  return {
    id,
    phase: 'INIT',
    enteredAt: now,
    bornAt: now,
    boot,
    voter: startVoter(id, durable.ledger, now, timing),
    servedEpoch: durable.servedEpoch,
    lease: noLease(boot),
    leasedAt: null,
    openUntil: Number.NEGATIVE_INFINITY,
    proposal: null,
    decided: null,
    seen: durable.ledger.record,
    highest: durable.ledger.promised.epoch,
    beats: 0,
    peer: null,
    primaryAt: now,
    witnessAt: now,
    witnessHeardAt: Number.NEGATIVE_INFINITY,
    amnesia: null,
    peerForgotAt: Number.NEGATIVE_INFINITY,
    opened: false,
    lastProposalAt: Number.NEGATIVE_INFINITY,
    wayBackAt: Number.NEGATIVE_INFINITY,
    standbyLostAt: Number.NEGATIVE_INFINITY,
    streamEndedAt: Number.NEGATIVE_INFINITY,
    proof: null,
    promotable: false,
    order,
    orderUntil: order?.expiresAt == null ? Number.POSITIVE_INFINITY : now + order.expiresAt - wallNow,
    switchover: null,
    drainUntil: null,
    handedOver: null,
    handover: null,
    toldApplied: 0,
    modeChanges: [],
    tookOverAt: Number.NEGATIVE_INFINITY,
    note: null,
  };
}

export function durableOf({ voter, servedEpoch, order }: NodeState): Durable {
  return { ledger: voter.ledger, servedEpoch, order };
}

export function isPrimary({ phase }: NodeState): boolean {
  return phase === 'PRIMARY_SYNC' || phase === 'PRIMARY_SOLO';
}
