/** What alerts need to know of the pairs besides their pictures: what somebody is at, drills, and the latest outages. */

import type { OutageView } from '../../shared/api/history.ts';
import { ENDING_KINDS, readOutage } from '../api/outages.ts';
import type { PairBoard } from '../api/pair-board.ts';
import type { EventKind } from '../store/event-kinds.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import type { PairFacts } from './rule.ts';

interface Memory {
  drilledAt: number | null;
  workedAt: number;
  work: PairFacts['work'];
  outages: OutageView[];
}

/** What alerts read of the history. */
const READ_KINDS: readonly EventKind[] = [
  ...ENDING_KINDS,
  ...(['DrillStarted', 'DrillFinished', 'DeployStarted', 'DeployFinished'] as const),
];
/** Work that never said its end (its process was killed) is over after this. */
const WORK_MS = { deploy: 30 * 60_000, drill: 10 * 60_000 } as const;
const MOST_OUTAGES = 10;
const MOST_EVENTS = 50;
/** What led to an event may be stored a moment after it. */
const SETTLED_MS = 3000;

export class PairWatch {
  readonly #board: PairBoard;
  readonly #store: Store;
  readonly #memories = new Map<string, Memory>();

  constructor(board: PairBoard, store: Store) {
    this.#board = board;
    this.#store = store;
    for (const { spec } of board.pairs) this.#memories.set(spec.name, this.#recall(spec.name));
  }

  /** Events after that id, oldest first: as far as they are complete, and of each pair one interruption at a time. */
  news(after: number, now: number): StoredEvent[] {
    const events = this.#store.events.list({ sinceId: after, kinds: READ_KINDS });
    const seen = new Set<string>();
    const end = events.findIndex(({ kind, pair, time }) => {
      // A clock that was set back must not hold them for ever.
      if (now - time < SETTLED_MS && time <= now) return true;
      const again = ENDING_KINDS.includes(kind) && seen.has(pair);
      if (ENDING_KINDS.includes(kind)) seen.add(pair);
      return again;
    });
    return end === -1 ? events : events.slice(0, end);
  }

  learn(events: readonly StoredEvent[]): void {
    for (const event of events) {
      const memory = this.#memories.get(event.pair);
      if (memory !== undefined) this.#learn(memory, [event]);
    }
  }

  facts(now: number): PairFacts[] {
    return this.#board.pairs.map(({ spec, state }) => {
      const memory = this.#memories.get(spec.name) ?? this.#recall(spec.name);
      const { drilledAt, work, workedAt, outages } = memory;
      const busy = work !== null && now - workedAt < WORK_MS[work] ? work : null;
      const deployed = state.deployed || state.holder !== null;
      return { spec, state, deployed, drilledAt, work: busy, outages, now };
    });
  }

  #recall(pair: string): Memory {
    const { events } = this.#store;
    const first = events.list({ pair, kinds: ['DeployFinished'] })[0]?.time ?? null;
    const memory: Memory = { drilledAt: first, workedAt: 0, work: null, outages: [] };
    const drill = events.last('DrillFinished', pair);
    this.#learn(memory, drill === null ? [] : [drill]);
    this.#learn(memory, events.list({ pair, kinds: READ_KINDS, limit: MOST_EVENTS }));
    return memory;
  }

  #learn(memory: Memory, events: readonly StoredEvent[]): void {
    for (const event of events) {
      const outage = readOutage(this.#store, event);
      if (outage !== null) memory.outages = [...memory.outages, outage].slice(-MOST_OUTAGES);
      if (event.kind === 'DrillFinished') memory.drilledAt = event.time;
      if (event.kind === 'DeployFinished') memory.drilledAt ??= event.time;
      if (event.kind === 'DrillStarted') [memory.work, memory.workedAt] = ['drill', event.time];
      if (event.kind === 'DeployStarted') [memory.work, memory.workedAt] = ['deploy', event.time];
      if (event.kind === 'DrillFinished' || event.kind === 'DeployFinished') memory.work = null;
    }
  }
}
