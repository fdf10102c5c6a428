/** A node of the pair in the middle of its life: the primary, in SYNC, with a standby that is ready. */

import { contextOf, type Outcome } from '../../shared/pair/context.ts';
import { RULES } from '../../shared/pair/decide.ts';
import type { Beat } from '../../shared/pair/effects.ts';
import { type NodeFacts, type NodeState, startNode } from '../../shared/pair/node-state.ts';
import { firstRecord, type PairRecord, withMode } from '../../shared/pair/record.ts';
import { ROWS } from '../../shared/pair/table.ts';
import { TIMING } from '../../shared/pair/timing.ts';
import { firstLedger } from '../../shared/pair/voter.ts';
import { EQUAL_WEIGHTS } from '../../shared/pair/weights.ts';

export const SYNC_A: PairRecord = { ...withMode(firstRecord('A'), 'sync'), weights: EQUAL_WEIGHTS };
export const NOW = 50_000;

export const FACTS: NodeFacts = {
  server: 'up',
  writable: true,
  semiSync: true,
  sentinelAcked: true,
  waitersMs: 0,
  ackPathOpen: true,
  ioRunning: true,
  sqlRunning: true,
  sqlError: false,
  streaming: true,
  threads: 1,
  drained: true,
  received: 90,
  position: 100,
  applied: 90,
  relaySynced: true,
  addressLostMs: 0,
  diskFull: false,
  held: false,
  comparison: 'clean',
};
export const BEAT: Beat = {
  kind: 'beat',
  stamp: { boot: 1, seq: 9 },
  promotable: true,
  threads: 1,
  position: 100,
  echo: 1,
  applied: 98,
  leaving: false,
};

/** `record`: decided, and the newest of the own vote. */
export function makeNode(patch: Partial<NodeState> = {}, record: PairRecord = SYNC_A): NodeState {
  const durable = { ledger: firstLedger(record), servedEpoch: 1, order: null };
  const state = startNode('A', durable, 1, 0, TIMING);
  const peer = { at: NOW - 50, beat: BEAT, readySince: 0 };
  return { ...state, phase: 'PRIMARY_SYNC', decided: record, peer, primaryAt: null, ...patch };
}

/** What a row of the table makes of the node; undefined: it does not apply. */
export function outcomeOf(
  id: string,
  state: NodeState,
  facts: Partial<NodeFacts> = {},
  now = NOW,
): Outcome | undefined {
  const row = ROWS.find((one) => one.id === id);
  if (row === undefined) throw new TypeError(`there is no row ${id}`);
  const context = contextOf(state, { ...FACTS, ...facts }, now, RULES);
  return row.from.includes(state.phase) && row.when(context) ? row.act(context) : undefined;
}
