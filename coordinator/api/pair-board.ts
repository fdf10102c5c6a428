/**
 * What the daemon knows of every pair now, kept ready for whoever asks: the watchers' pictures, what is measured from
 * heartbeats, and the part of the history that belongs to them. Also tells who listens what has changed.
 */

import type { PairDetail, PairSummary } from '../../shared/api/pair-view.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Heartbeat } from '../../shared/model/facts.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import type { EventKind } from '../store/event-kinds.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import type { PairState } from '../watch/pair-state.ts';
import { PairMeter } from './pair-meter.ts';
import { OUTAGE_DAYS, type PairMemory, summarizePair, viewPair } from './pair-view.ts';

/** One pair of the board: what it should be, its picture now, and its meter. */
export interface BoardPair {
  readonly spec: PairSpec;
  readonly meter: PairMeter;
  readonly state: PairState;
}

export interface BoardListener {
  /** A heartbeat of this pair came. */
  pairHeard?(pair: string): void;
  /** An event was stored, by the daemon or by a command beside it. */
  eventStored?(event: StoredEvent): void;
  /** What an event tells is known better by now. */
  eventCorrected?(event: StoredEvent): void;
  /** Decisions of a guard were stored, made from `from` to `to`, ms since the epoch. */
  decisionsStored?(pair: string, from: number, to: number): void;
}

/** Events of other processes come through the store, so it is looked at. */
const LOOK_MS = 250;
const OUTAGE_MS = OUTAGE_DAYS * 86_400_000;
const KEPT_KINDS: readonly EventKind[] = ['VipMoved', 'VipRestored', 'DrillStarted', 'DrillFinished'];
const GRADES: readonly PairSummary['grade'][] = ['critical', 'attention', 'undeployed', 'healthy'];
const MOST_EVENTS = 1000;

export class PairBoard {
  readonly #specs: ReadonlyMap<string, PairSpec>;
  readonly #store: Store;
  readonly #meters: ReadonlyMap<string, PairMeter>;
  readonly #states = new Map<string, () => PairState>();
  readonly #events = new Map<string, StoredEvent[]>();
  readonly #listeners = new Set<BoardListener>();
  #seen: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(specs: readonly PairSpec[], store: Store) {
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
    this.#store = store;
    this.#meters = new Map(specs.map(({ name }) => [name, new PairMeter()]));
    this.#seen = store.events.lastId();
    const sinceTime = Date.now() - OUTAGE_MS;
    for (const { name } of specs)
      this.#events.set(
        name,
        store.events.list({ pair: name, kinds: KEPT_KINDS, sinceTime, limit: MOST_EVENTS }),
      );
  }

  /** `state` is asked whenever the picture of the pair is wanted. */
  watch(pair: string, state: () => PairState): void {
    this.#states.set(pair, state);
  }

  start(): void {
    this.#timer = setInterval(() => {
      try {
        this.#look();
      } catch {
        // What the store cannot tell now is looked for again; whoever writes to it says what is wrong with it.
      }
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#listeners.clear();
  }

  /** Returns a function that removes the listener. */
  listen(listener: BoardListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  hear(pair: string, host: string, heartbeat: Heartbeat, state: PairState): void {
    this.#meters.get(pair)?.hear(host, heartbeat, state);
    for (const listener of this.#listeners) listener.pairHeard?.(pair);
  }

  learn(pair: string, from: number, to: number): void {
    for (const listener of this.#listeners) listener.decisionsStored?.(pair, from, to);
  }

  /** The event is told otherwise by now. */
  correct(event: StoredEvent): void {
    const kept = this.#events.get(event.pair) ?? [];
    const index = kept.findIndex(({ id }) => id === event.id);
    if (index >= 0) kept[index] = event;
    // Some are being told of the event itself at this moment, and are to hear this after it.
    queueMicrotask(() => {
      for (const listener of this.#listeners) listener.eventCorrected?.(event);
    });
  }

  /** In the order of the file. */
  get pairs(): readonly BoardPair[] {
    return [...this.#specs.keys()].filter((name) => this.has(name)).map((name) => this.pair(name));
  }

  /** Throws AppError NOT_FOUND with the names there are. */
  pair(name: string): BoardPair {
    const spec = this.#specs.get(name);
    const [meter, state] = [this.#meters.get(name), this.#states.get(name)];
    if (spec !== undefined && meter !== undefined && state !== undefined)
      return { spec, meter, state: state() };
    const names = [...this.#specs.keys()].join(', ');
    throw new AppError('NOT_FOUND', `There is no pair ${name}; the pairs are: ${names}.`);
  }

  has(name: string): boolean {
    return this.#states.has(name);
  }

  detail(name: string): PairDetail {
    const pair = this.pair(name);
    return viewPair(pair.spec, pair.state, this.#memoryOf(pair));
  }

  summary(name: string): PairSummary {
    const pair = this.pair(name);
    return summarizePair(pair.spec, pair.state, this.#memoryOf(pair));
  }

  /** Worst first; pairs of the same grade in the order of the file. */
  summaries(): PairSummary[] {
    const all = this.pairs.map(({ spec }) => this.summary(spec.name));
    return all.toSorted((a, b) => GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade));
  }

  #memoryOf({ spec, meter }: BoardPair): PairMemory {
    const since = Date.now() - OUTAGE_MS;
    const events = (this.#events.get(spec.name) ?? []).filter(({ time }) => time >= since);
    return {
      events,
      lastDrill: events.findLast(({ kind }) => kind === 'DrillFinished')?.time ?? null,
      modeSince: meter.modeSince,
      rate: (host) => meter.rate(host),
    };
  }

  #look(): void {
    // A store that was begun anew counts from the beginning again.
    this.#seen = Math.min(this.#seen, this.#store.events.lastId());
    const fresh = this.#store.events.list({ sinceId: this.#seen });
    for (const event of fresh) {
      this.#seen = event.id;
      if (KEPT_KINDS.includes(event.kind)) this.#keep(event);
      for (const listener of this.#listeners) listener.eventStored?.(event);
    }
  }

  #keep(event: StoredEvent): void {
    const kept = this.#events.get(event.pair);
    kept?.push(event);
    if (kept !== undefined && kept.length > MOST_EVENTS) kept.shift();
  }
}
