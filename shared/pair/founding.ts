/**
 * How a pair without any record gets its first one, and how a node that lost its own comes back. Pure; runs in place of the
 * protocol on a node without a ledger, and ends with the ledger that it starts with.
 *
 * Node A decides: the primary is the node whose server has everything of the other one, A if both have. The first record
 * gives the primary a majority alone, and the primary writes it down first: A by itself, B when A proposes it. The other
 * node adopts it like any node that lost its ledger where its votes cannot have mattered.
 *
 * Invariants:
 * - a proposal counts for the newest tell of B only, and A uses a tell once: either for itself or for a proposal. So when
 *   A writes down its own record, no proposal that B would still accept is under way, nor will there be one;
 * - a node with a ledger never takes another by this protocol;
 * - a node that lost its ledger adopts a record only when every majority contains the other node, which has accepted
 *   nothing after that record: whatever was forgotten was part of no majority since. A primary in SOLO that hears of the
 *   loss asks for such a record (W4).
 */

import type { Stamp } from './messages.ts';
import { distributionsOf, firstRecord, type PairRecord } from './record.ts';
import { firstLedger, type Ledger } from './voter.ts';
import { isQuorum, type NodeId, peerOf, sameWeights } from './weights.ts';

/** The local server as just read: reading began after the previous event was handled. */
export interface FoundingFacts {
  readonly serverUp: boolean;
  readonly writable: boolean;
  /** GTID position of the binlog. */
  readonly position: string;
}

/** What a node has to say about the pair's record. */
export type Standing =
  /** It has none. `turn` numbers its tells: a proposal counts for the newest only. */
  | ({ readonly kind: 'empty'; readonly turn: Stamp } & FoundingFacts)
  /** settled: a majority has decided it, and this node accepted nothing newer. */
  | { readonly kind: 'record'; readonly record: PairRecord; readonly settled: boolean };

export type FoundingMessage =
  | { readonly kind: 'found-ask'; readonly by: NodeId; readonly stamp: Stamp }
  /** `to` is the stamp of the ask that is answered. */
  | { readonly kind: 'found-tell'; readonly by: NodeId; readonly to: Stamp; readonly standing: Standing }
  | {
      readonly kind: 'found-propose';
      readonly by: NodeId;
      readonly turn: Stamp;
      readonly record: PairRecord;
    };

type Told = Standing & { readonly kind: 'empty' };

export interface FoundingState {
  readonly id: NodeId;
  /** No two runs of a node have the same. */
  readonly boot: number;
  readonly asks: number;
  readonly turns: number;
  /** The newest ask, while it is unanswered. */
  readonly asked: { readonly stamp: Stamp; readonly facts: FoundingFacts; readonly at: number } | null;
  /** The answer to it, not used yet. */
  readonly told: Standing | null;
  /** What the other node wants to know. */
  readonly wanted: Stamp | null;
  /** Why there is no record yet, for people; empty when nothing is known. */
  readonly reason: string;
}

export type FoundingEvent =
  | { readonly kind: 'look'; readonly facts: FoundingFacts }
  | { readonly kind: 'message'; readonly message: FoundingMessage };

export type FoundingEffect =
  /** Write it down; then the protocol begins. Where writing fails, the founding goes on. */
  | { readonly kind: 'found'; readonly ledger: Ledger }
  | { readonly kind: 'send'; readonly message: FoundingMessage }
  /** The other node is told that this one has lost its ledger. */
  | { readonly kind: 'lost'; readonly memory: number };

export interface FoundingStep {
  readonly state: FoundingState;
  readonly effects: readonly FoundingEffect[];
}

/** How the first GTID position stands to the second. */
export type ComparePositions = (
  own: string,
  peer: string,
) => 'level' | 'ahead' | 'behind' | 'parted' | 'unknown';

/** An ask that is not answered for so long is asked anew. */
const ASK_MS = 300;

export function startFounding(id: NodeId, boot: number): FoundingState {
  return { id, boot, asks: 0, turns: 0, asked: null, told: null, wanted: null, reason: '' };
}

export function foundingStep(
  state: FoundingState,
  event: FoundingEvent,
  now: number,
  compare: ComparePositions,
): FoundingStep {
  return event.kind === 'look' ? look(state, event.facts, now, compare) : hear(state, event.message);
}

/** What a node that has a ledger answers; `decided` is the newest record that it knows to be decided. */
export function answerFounding(
  id: NodeId,
  message: FoundingMessage,
  { record }: Ledger,
  decided: PairRecord | null,
): FoundingMessage | null {
  if (message.kind !== 'found-ask') return null;
  // The first record is decided by its primary alone, who has written it down.
  const settled = record.epoch === 1 || decided?.epoch === record.epoch;
  return { kind: 'found-tell', by: id, to: message.stamp, standing: { kind: 'record', record, settled } };
}

function hear(state: FoundingState, message: FoundingMessage): FoundingStep {
  switch (message.kind) {
    case 'found-ask':
      return { state: { ...state, wanted: message.stamp }, effects: [] };
    case 'found-tell': {
      const answers = state.asked !== null && isSame(message.to, state.asked.stamp);
      return { state: answers ? { ...state, told: message.standing } : state, effects: [] };
    }
    case 'found-propose':
      return isForMe(state, message) ? found(state, message.record) : { state, effects: [] };
  }
}

function isForMe(
  { id, boot, turns }: FoundingState,
  { turn, record }: FoundingMessage & { kind: 'found-propose' },
): boolean {
  const own = firstRecord(id);
  return (
    isSame(turn, { boot, seq: turns }) &&
    record.primary === id &&
    record.epoch === own.epoch &&
    sameWeights(record.weights, own.weights)
  );
}

/** In this order: what was told is used, then the other node is told, then asked. */
function look(
  before: FoundingState,
  facts: FoundingFacts,
  now: number,
  compare: ComparePositions,
): FoundingStep {
  const used = before.told === null ? { state: before, effects: [] } : use(before, facts, compare);
  if (used.effects.some(({ kind }) => kind === 'found')) return used;
  const effects = [...used.effects];
  const send = (message: FoundingMessage): void => void effects.push({ kind: 'send', message });
  let { state } = used;
  const { id: by, boot } = state;
  if (state.wanted !== null) {
    const turn = { boot, seq: state.turns + 1 };
    const standing: Standing = { kind: 'empty', turn, ...facts };
    send({ kind: 'found-tell', by, to: state.wanted, standing });
    state = { ...state, turns: turn.seq, wanted: null };
  }
  if (state.asked === null || now - state.asked.at >= ASK_MS) {
    const stamp = { boot, seq: state.asks + 1 };
    send({ kind: 'found-ask', by, stamp });
    state = { ...state, asks: stamp.seq, asked: { stamp, facts, at: now }, told: null };
  }
  return { state, effects };
}

/** A tell is used once, and another one needs another ask. */
function use(before: FoundingState, facts: FoundingFacts, compare: ComparePositions): FoundingStep {
  const { id, told, asked } = before;
  const state: FoundingState = { ...before, told: null, asked: null };
  if (told === null || asked === null) return { state, effects: [] };
  if (told.kind === 'record') {
    if (isHarmless(id, told)) return found(state, told.record);
    return {
      state: { ...state, reason: lostWords(id, told) },
      effects: [{ kind: 'lost', memory: state.boot }],
    };
  }
  if (id === 'B') return { state: { ...state, reason: 'Node A has not founded the pair yet.' }, effects: [] };
  const choice = choose(asked.facts, facts, told, compare);
  if (choice === 'A') return found(state, firstRecord('A'));
  if (choice !== 'B') return { state: { ...state, reason: choice }, effects: [] };
  const { turn } = told;
  const message: FoundingMessage = { kind: 'found-propose', by: id, turn, record: firstRecord('B') };
  return {
    state: { ...state, reason: 'Node B is asked to found the pair.' },
    effects: [{ kind: 'send', message }],
  };
}

/** Tells of earlier turns are void from here on, whether or not writing succeeds. */
function found(state: FoundingState, record: PairRecord): FoundingStep {
  const next = { ...state, turns: state.turns + 1, reason: '' };
  return { state: next, effects: [{ kind: 'found', ledger: firstLedger(record) }] };
}

/**
 * Node A's choice, or why there is none. B was read after A's `before`: what B had then of a server that took no writes,
 * it has for ever; and what A has now of a B that took none.
 */
function choose(
  before: FoundingFacts,
  own: FoundingFacts,
  peer: Told,
  compare: ComparePositions,
): NodeId | (string & {}) {
  if (!own.serverUp) return 'The server of node A is not up.';
  if (!peer.serverUp) return 'The server of node B is not up.';
  if (own.writable && peer.writable)
    return 'Both servers accept writes: make one of them read-only, then the pair is founded.';
  if (!peer.writable && ['level', 'ahead'].includes(compare(own.position, peer.position))) return 'A';
  const closed = !before.writable && !own.writable;
  if (closed && ['level', 'behind'].includes(compare(before.position, peer.position))) return 'B';
  const at = (position: string): string => (position === '' ? 'nothing' : position);
  return `Neither server has everything of the other: A is at ${at(own.position)}, B at ${at(peer.position)}. Decide which rows count, and set up the other host anew.`;
}

function isHarmless(id: NodeId, { record, settled }: Standing & { kind: 'record' }): boolean {
  return settled && isQuorum([peerOf(id)], ...distributionsOf(record));
}

function lostWords(id: NodeId, { record, settled }: Standing & { kind: 'record' }): string {
  const { A, B, W } = record.weights;
  const why = settled
    ? `its forgotten votes may count (weights A ${A}, B ${B}, W ${W})`
    : 'that record is not decided yet';
  return `Node ${id} lost its record of the pair, and node ${peerOf(id)} has one of epoch ${record.epoch}: ${why}, so it takes no part.`;
}

function isSame(a: Stamp, b: Stamp): boolean {
  return a.boot === b.boot && a.seq === b.seq;
}
