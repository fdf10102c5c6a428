/** The history of a pair from the store, in the shapes of the interface: pages of events and runs, samples, outages. */

import type {
  EventPage,
  EventView,
  OutageDetail,
  OutageView,
  RunDetail,
  Samples,
  TimelineEntry,
} from '../../shared/api/history.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import type { SampleRetention } from '../../shared/model/store-file.ts';
import { EXPLAIN_MS, explain } from '../explain/explain.ts';
import { CHINESE } from '../explain/words.ts';
import type { StoredDecision } from '../store/decisions.ts';
import { EVENT_KINDS, isEventKind, severityOf } from '../store/event-kinds.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { Store } from '../store/open-store.ts';
import type { Sample, SampleField } from '../store/samples.ts';
import { EVENT_SENTENCES_ZH } from './event-sentences-zh.ts';
import { readOutage } from './outages.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_PAGE = 50;
const DEFAULT_POINTS = 300;
const OUTAGES_MS = 30 * 24 * HOUR_MS;
const MOST_NEARBY = 10_000;

export interface EventFilter {
  readonly kind?: string;
  readonly since?: number;
  readonly limit?: number;
  readonly cursor?: string;
}

export const viewEvent = (event: StoredEvent): EventView => ({
  ...event,
  severity: severityOf(event),
  translations: { zh: { message: EVENT_SENTENCES_ZH[event.kind](event) } },
});

/** Throws AppError INVALID_PARAMS for a kind that there is not. */
export function eventPage(store: Store, filter: EventFilter, pair?: string): EventPage {
  const { since, limit = DEFAULT_PAGE, cursor } = filter;
  const kinds = filter.kind?.split(',').map((kind) => {
    if (isEventKind(kind)) return kind;
    const known = Object.keys(EVENT_KINDS).join(', ');
    throw new AppError('INVALID_PARAMS', `There is no kind of event ${JSON.stringify(kind)}: ${known}.`);
  });
  const found = store.events.list({
    ...(pair === undefined ? {} : { pair }),
    ...(kinds === undefined ? {} : { kinds }),
    ...(since === undefined ? {} : { sinceTime: since }),
    ...(cursor === undefined ? {} : { beforeId: Number(cursor) }),
    limit: limit + 1,
  });
  const page = found.slice(-limit).reverse();
  const more = found.length > limit;
  return { events: page.map(viewEvent), next: more ? String(page.at(-1)?.id ?? 0) : null };
}

export function listOutages(store: Store, pair: string, since?: number, limit = DEFAULT_PAGE): OutageView[] {
  const sinceTime = since ?? Date.now() - OUTAGES_MS;
  return store.outages.list(pair, sinceTime, limit);
}

/** Throws AppError NOT_FOUND. */
export function outageDetail(store: Store, pair: PairSpec, id: number): OutageDetail {
  const event = store.events.get(id);
  const outage = event === null || event.pair !== pair.name ? null : readOutage(store, event);
  if (event === null || outage === null)
    throw new AppError('NOT_FOUND', `The event ${id} of ${pair.name} ended no outage.`);
  const [first, last] = [event.time - EXPLAIN_MS.before, event.time + EXPLAIN_MS.after];
  const query = { pair: pair.name, sinceTime: first, untilTime: last, limit: MOST_NEARBY };
  const events = store.events.list(query);
  const decisions = store.decisions.between(pair.name, first, last);
  const hosts = [pair.hosts[0].name, pair.hosts[1].name] as const;
  const english = explain({ event, events, decisions, hosts });
  const { message } = viewEvent(event).translations.zh;
  const chinese = explain({ event: { ...event, message }, events, decisions, hosts, words: CHINESE });
  const timeline = [...events.map(entryOfEvent), ...decisions.map((one) => entryOfDecision(one, hosts))];
  return {
    outage,
    explanation: [...english.lines],
    translations: { zh: { explanation: [...chinese.lines] } },
    timeline: timeline.toSorted((a, b) => a.time - b.time),
  };
}

const NO_DECISION = { row: null, fromPhase: null, toPhase: null, epoch: null, mode: null } as const;

function entryOfEvent(event: StoredEvent): TimelineEntry {
  const { id, time, kind, host, message, translations, severity, data } = viewEvent(event);
  const { row } = data;
  return {
    ...{ time, observer: 'coordinator', type: 'event', id: String(id), kind, host, text: message },
    ...{ severity, ...NO_DECISION, row: typeof row === 'string' ? row : null },
    ...{ translations: { zh: { text: translations.zh.message } }, voters: [], effects: [], facts: {} },
  };
}

function entryOfDecision(
  { host, time, decision }: StoredDecision,
  hosts: readonly [string, string],
): TimelineEntry {
  const names: Readonly<Record<string, string>> = { A: hosts[0], B: hosts[1], W: 'witness' };
  const { id, row, reason, from, to, epoch, mode, voters, effects, facts } = decision;
  return {
    ...{ time, observer: host, type: 'decision', id, kind: null, severity: null, host, row, text: reason },
    ...{ fromPhase: from, toPhase: to, epoch, mode, effects: [...effects], facts: { ...facts } },
    translations: null, // Who knows the rows has their reasons in its own language.
    voters: voters.map((voter) => names[voter] ?? voter),
  };
}

/** Of each series: its field in the store, its unit, and what a stored number is divided by. */
const PAIR_SERIES = [
  { metric: 'lag', field: 'lag', unit: 's', scale: 1000 },
  { metric: 'gtid-gap', field: 'gap', unit: 'transactions', scale: 1 },
  { metric: 'commits', field: 'commits', unit: '1/s', scale: 1000 },
  { metric: 'connections', field: 'connections', unit: 'connections', scale: 1 },
  { metric: 'served', field: 'served', unit: 'ratio', scale: 1000 },
  { metric: 'sync', field: 'sync', unit: 'ratio', scale: 1000 },
] as const;
const HOST_SERIES = [
  { metric: 'load', fields: ['load_a', 'load_b'], unit: 'load', scale: 1000 },
  { metric: 'disk-free', fields: ['disk_a', 'disk_b'], unit: 'bytes', scale: 1 / 1024 },
] as const;

export interface SampleQuery {
  readonly from?: number;
  readonly to?: number;
  readonly points?: number;
}

/** Whose samples are asked for, and how long they are kept. */
export interface SampleSource {
  readonly store: Store;
  readonly pair: PairSpec;
  readonly keep: SampleRetention;
}

/** Throws AppError INVALID_PARAMS for a range that ends before it begins. */
export function samplesOf(
  { store, pair, keep }: SampleSource,
  query: SampleQuery,
  now = Date.now(),
): Samples {
  const to = Math.min(query.to ?? now, now);
  const from = query.from ?? to - HOUR_MS;
  if (from >= to) throw new AppError('INVALID_PARAMS', '"from" must be before "to", and not in the future.');
  const points = query.points ?? DEFAULT_POINTS;
  const { stepMs, samples } = store.samples.range(pair.name, from, to, points, keep);
  const values = (field: SampleField, scale: number) =>
    samples.map((sample: Sample) => (sample[field] === null ? null : sample[field] / scale));
  return {
    ...{ pair: pair.name, from, to, stepMs, times: samples.map(({ time }) => time) },
    series: [
      ...PAIR_SERIES.map(({ metric, field, unit, scale }) => ({
        ...{ metric, host: null, unit, values: values(field, scale) },
      })),
      ...HOST_SERIES.flatMap(({ metric, fields, unit, scale }) =>
        pair.hosts.map(({ name }, index) => ({
          ...{ metric, host: name, unit, values: values(fields[index] ?? fields[0], scale) },
        })),
      ),
    ],
  };
}

/** Throws AppError NOT_FOUND. */
export function runDetail(store: Store, id: number): RunDetail {
  const run = store.runs.get(id);
  if (run === null) throw new AppError('NOT_FOUND', `There is no run ${id}.`);
  return { run, steps: store.runs.steps(id) };
}
