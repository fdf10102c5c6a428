/** One run of one fault on a stage: writers and observers start, it strikes, it is healed, and everything is judged. */

import { setTimeout as delay } from 'node:timers/promises';
import { TIMING } from '../../shared/pair/timing.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { checkLoad } from '../lab/load/check.ts';
import { monotonicMs, wallOfMonotonic } from '../lab/load/clock.ts';
import { type Ack, acksOf } from '../lab/load/dual-acks.ts';
import type { HistoryEvent } from '../lab/load/history.ts';
import { type Load, startLoad } from '../lab/load/load.ts';
import type { Observation } from '../lab/load/observations.ts';
import { type Observer, startObserver } from '../lab/load/observer.ts';
import { holderOf, otherHost } from '../lab/load/pair-under-test.ts';
import { defaultSettings } from '../lab/load/settings.ts';
import { type LoadTable, readRowsOf } from '../lab/load/tables.ts';
import { waitUntilAllVote } from '../lab/load/voting.ts';
import { bankTotalOn, createWorkTables, differingTables, dropWorkTables } from '../lab/load/work-tables.ts';
import { createRandom } from '../simulation/random.ts';
import { readDecisions } from './decisions.ts';
import type { Fault, Scene } from './fault.ts';
import { Journals } from './journals.ts';
import { backLimitMs, type Evidence, type Judgement, judge } from './judge.ts';
import type { Observed } from './observed.ts';
import { outagesOf } from './outage.ts';
import { type Phases, phasesOf } from './phases.ts';
import { untilRested } from './rested.ts';
import type { Stage } from './stage.ts';
import { type StatusChange, StatusWatch } from './status-watch.ts';
import { timelineOf } from './timeline.ts';

export interface RunPlan {
  readonly fault: Fault;
  readonly run: number;
  readonly seed: number;
  /** Folder of this run's journals. */
  readonly folder: string;
  readonly keep: boolean;
  /** Tells how far the run is. */
  readonly say: (words: string) => void;
  readonly signal: AbortSignal;
}

export interface FaultRun extends Judgement {
  readonly fault: Fault;
  readonly run: number;
  readonly seed: number;
  readonly notes: readonly string[];
  /** The longest silence that a client with default settings saw. */
  readonly defaultClientOutageMs: number;
  /** Where the time of the outage went; null: the guards' decisions do not tell. */
  readonly phases: Phases | null;
  /** Kept journals; null when they were deleted. */
  readonly journals: string | null;
}

const writers = 8;
const writerPauseMs = 10;
const warmUpRows = 200;
const warmUpMs = 20_000;
/** Longer than the period of every check there is, so that faults meet them at every phase. */
const phaseMs = 1000;
const quietMs = 1000;
/** Time a pair is given beyond the limit, to tell late from never. */
const lateMs = 30_000;
const settleMs = 10_000;
/** The outage begins with the last row before the fault. */
const beforeMs = 1000;
const patienceMs = 120_000;
/** Ids of one client start here, and no client writes so many. */
const idRange = 100_000_000;

/** The VIP moved before anything was broken: nothing can be said of the fault. */
export class Unsteady extends Error {}

export async function runFault(stage: Stage, plan: RunPlan): Promise<FaultRun> {
  const { fault, run, seed, say, signal } = plan;
  const { pair } = stage;
  await stage.whole(patienceMs, signal);
  const a = await holderOf(pair);
  const table = { database: pair.account.database, table: `fault_${fault.id}_${run}` };
  await dropWorkTables(a, table);
  await createWorkTables(a, table);
  await stage.whole(patienceMs, signal); // a row written after the tables has arrived, and so have they
  await untilRested(pair, signal);
  // Right after a deploy the witness has yet to be told what there is to vote on: one fault more.
  await waitUntilAllVote(pair, patienceMs, signal);
  const undo: (() => Promise<void>)[] = [];
  const notes: string[] = [];
  const before: Scene = {
    ...{ stage, a, b: otherHost(pair, a), table, random: createRandom(seedOf(fault.id, seed)) },
    defer: (one) => void undo.unshift(one),
    note: (words) => void notes.push(words),
  };
  using journals = new Journals(plan.folder, pair.hosts);
  using statuses = new StatusWatch(pair.hosts);
  if (fault.prepare !== undefined) say('preparing');
  await fault.prepare?.(before);
  const primary = await holderOf(pair);
  const scene = { ...before, a: primary, b: otherHost(pair, primary) };
  await using clients = startClients(stage, table, journals, fault.sessions ?? 0);
  const moments = await strike(plan, scene, clients, undo);
  say('checking');
  const seen = await clients.stop();
  const endAt = monotonicMs();
  const observed = observedOf(scene, { ...moments, endAt }, seen, statuses.changes);
  const evidence = await gather(scene, table, observed, seen);
  const judgement = judge(fault.expect, evidence);
  const decisions = await readDecisions(pair.hosts, observed.struckAt - beforeMs);
  const phases = phasesOf({ ...judgement, vip: observed.vip }, decisions);
  const kept = plan.keep || judgement.problems.length > 0;
  const defaultClientOutageMs = outagesOf(seen.patient.filter(isAck), observed).outageMs;
  const result = { fault, run, seed, notes, defaultClientOutageMs, phases, ...judgement };
  if (kept) writeJournal(journals, observed, result);
  else journals.remove();
  await dropWorkTables(await holderOf(pair).catch(() => a), table).catch(() => undefined);
  return { ...result, journals: kept ? journals.folder : null };
}

/** The same fault, run and seed make the same choices. */
function seedOf(id: string, seed: number): number {
  return [...id].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) + seed * 7919;
}

interface Moments {
  readonly struckAt: number;
  readonly injectedAt: number;
  readonly relentAt: number;
  readonly restoredAt: number;
  readonly wholeAt: number | null;
  /** Why it was not whole at the end. */
  readonly wrong: string | null;
}

async function strike(
  { fault, say, signal }: RunPlan,
  scene: Scene,
  clients: Clients,
  undo: readonly (() => Promise<void>)[],
): Promise<Moments> {
  const { stage, random } = scene;
  say('writing');
  await clients.warm(signal);
  await delay(random.between(0, phaseMs), undefined, { signal });
  if ((await holderOf(stage.pair)) !== scene.a) throw new Unsteady('the VIP moved before the fault struck');
  say('striking');
  const struckAt = monotonicMs();
  await fault.inject(scene);
  const injectedAt = monotonicMs();
  await delay(fault.holdMs, undefined, { signal });
  say('healing');
  const relentAt = monotonicMs();
  await stage.restore();
  for (const one of undo) await one();
  const restoredAt = monotonicMs();
  const whole = await wholeAgain(stage, fault, signal);
  await delay(quietMs, undefined, { signal });
  return { struckAt, injectedAt, relentAt, restoredAt, ...whole };
}

async function wholeAgain(
  stage: Stage,
  { expect }: Fault,
  signal: AbortSignal,
): Promise<Pick<Moments, 'wholeAt' | 'wrong'>> {
  const { back, backMs = backLimitMs, mayRest } = expect;
  const deadlineMs = back === 'operator' ? backMs : backMs + lateMs + (mayRest ? TIMING.flapMs : 0);
  return stage.whole(deadlineMs, signal).then(
    () => ({ wholeAt: monotonicMs(), wrong: null }),
    (error: unknown) => {
      signal.throwIfAborted();
      return { wholeAt: null, wrong: error instanceof Error ? error.message : String(error) };
    },
  );
}

interface Seen {
  /** Of the eight writers. */
  readonly set: readonly HistoryEvent[];
  /** Of the client with default settings. */
  readonly patient: readonly HistoryEvent[];
  /** Of every client that writes rows. */
  readonly all: readonly HistoryEvent[];
  readonly observations: readonly Observation[];
}

interface Clients extends AsyncDisposable {
  warm(signal: AbortSignal): Promise<void>;
  stop(): Promise<Seen>;
}

function startClients(stage: Stage, table: LoadTable, journals: Journals, sessions: number): Clients {
  const { lab, pair } = stage;
  const stack = new AsyncDisposableStack();
  const load = (name: string, more: object): Load =>
    stack.use(
      startLoad(lab.clientArgv, {
        ...{ host: pair.vip, ...pair.account, ...table, gtid: true },
        ...{ historyFile: journals.path(`${name}.jsonl`), ...more },
      }),
    );
  const patience = { connectTimeoutMs: 10_000, statementTimeoutMs: patienceMs };
  const set = load('writers', { connections: writers, pauseMs: writerPauseMs });
  const patient = load('default-client', { connections: 1, firstId: idRange, ...patience });
  const held = { connections: sessions, firstId: 2 * idRange, pauseMs: 500, ...patience };
  const others = sessions === 0 ? [] : [load('sessions', held)];
  const observer: Observer = stack.use(
    startObserver(lab.clientArgv, {
      ...{ ...pair.account, ...table, port: defaultSettings.port, vip: pair.vip },
      nodes: pair.hosts.map(({ name, address }, index) => ({
        ...{ name, address, firstId: (3 + index) * idRange },
      })),
      historyFile: journals.path('probes.jsonl'),
      observationFile: journals.path('observer.jsonl'),
    }),
  );
  return {
    async warm(signal) {
      const enough = async () => (await set.counters()).acknowledged >= warmUpRows || undefined;
      await waitFor('the first rows through the VIP', enough, {
        ...{ deadlineMs: warmUpMs, intervalMs: 50, signal },
      });
    },
    async stop() {
      const [written, waited, watched, ...more] = await Promise.all([
        set.stop(),
        patient.stop(),
        observer.stop(),
        ...others.map((other) => other.stop()),
      ]);
      const histories = [written, waited, ...more].map(({ history }) => history);
      return {
        ...{ set: written.history, patient: waited.history, observations: watched.observations },
        all: [...histories, watched.probes].flat(),
      };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function isAck(event: HistoryEvent): event is Extract<HistoryEvent, { type: 'ok' }> {
  return event.type === 'ok';
}

function observedOf(
  { stage, a, b }: Scene,
  moments: Moments & { readonly endAt: number },
  { set, all, observations }: Seen,
  statuses: readonly StatusChange[],
): Observed {
  const { pair, vip } = stage;
  const node = (host: Scene['a']) => ({ name: host.name, serverId: pair.hosts.indexOf(host) + 1 });
  const written = observations.filter(({ kind }) => kind === 'add' || kind === 'transfer');
  const acks = [...acksOf(all), ...(written as readonly Ack[])].sort((one, other) => one.at - other.at);
  return {
    ...{ a: node(a), b: node(b), ...moments, acks, writerAcks: acksOf(set) },
    refusals: set.flatMap((event) => ('error' in event ? [event] : [])),
    samples: observations.filter((one) => one.kind === 'sample'),
    vip: vip.intervals(),
    statuses,
  };
}

async function gather(
  { stage, a }: Scene,
  table: LoadTable,
  observed: Observed,
  { all, observations }: Seen,
): Promise<Evidence> {
  const { pair } = stage;
  // What an operator has to mend is judged by what the primary has.
  const primary = await holderOf(pair).catch(() => a);
  const hosts = observed.wholeAt === null ? [primary] : pair.hosts;
  let differing: string[] = [];
  const same = async () => {
    differing = await differingTables(hosts, table);
    return differing.length === 0 || undefined;
  };
  await waitFor('equal tables', same, { deadlineMs: settleMs, intervalMs: 200 }).catch(() => undefined);
  const rows = await readRowsOf(hosts, table);
  const totals = await Promise.all(
    hosts.map(async (host) => ({ total: await bankTotalOn(host, table), server: 0 })),
  );
  return {
    ...{ observed, differing, rows: checkLoad({ history: all, rows }) },
    counter: observations.filter((one) => one.kind === 'add' || one.kind === 'read'),
    totals: [...observations.filter((one) => one.kind === 'total'), ...totals],
  };
}

/** How often the writers were told what. */
function refusalCounts(refusals: Observed['refusals']): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { error } of refusals) counts[error] = (counts[error] ?? 0) + 1;
  return counts;
}

function writeJournal(journals: Journals, observed: Observed, result: Omit<FaultRun, 'journals'>): void {
  const { acks: _acks, writerAcks: _writerAcks, samples: _samples, ...told } = observed;
  const { refusals, statuses, ...moments } = told;
  journals.write('result.json', { ...result, fault: result.fault.id });
  journals.write('moments.json', moments);
  journals.write('guards.json', statuses);
  journals.write('refusals.json', refusalCounts(refusals));
  const { outageFrom, outageMs } = result;
  const [zero, from, to] = [observed.struckAt, outageFrom, outageFrom + outageMs].map(wallOfMonotonic);
  if (zero === undefined || from === undefined || to === undefined) return;
  journals.writeLines('outage.txt', [
    `From the fault on; nothing was acknowledged from ${Math.round(from - zero)} to ${Math.round(to - zero)} ms.`,
    ...timelineOf(journals.logs(), { zero, from: Math.min(zero, from) - 50, to: to + 300 }),
  ]);
}
