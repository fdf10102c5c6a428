/** A deploy from end to end: agents, claim, preflight, the steps, and the check of the whole at the end. */

import { hostname, userInfo } from 'node:os';
import process from 'node:process';
import { AppError } from '../../shared/errors/app-error.ts';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import type { Verdict } from '../../shared/model/verdict.ts';
import type { Change } from '../../shared/protocol/actions.ts';
import { claimPair, closeFleet, ensureAgents, type Fleet } from '../agents/fleet.ts';
import { loadOrCreatePki } from '../agents/pki.ts';
import { readReplicationPassword } from '../agents/replication-password.ts';
import type { Progress } from '../cli/progress.ts';
import { loadOrCreateSecrets, plannedSecrets } from '../secrets.ts';
import { LedgerStore } from '../witness/ledger-store.ts';
import { bareFacts } from './bare-facts.ts';
import { STEPS } from './catalog.ts';
import { completeFacts, isUnfounded, type PairFacts, refreshFacts } from './facts.ts';
import type { RunJournal } from './journal.ts';
import { type Ground, type Observation, observe } from './observe.ts';
import { interrupts, makePlan, type Plan } from './plan.ts';
import { preflight } from './preflight.ts';
import { runSteps } from './runner.ts';
import { hostWords } from './step-track.ts';
import { allOk, primaryName } from './verdicts.ts';
import { verifyPair } from './verify.ts';

export interface DeployOptions {
  readonly spec: HotpairSpec;
  readonly pair: PairSpec;
  readonly progress: Progress;
  readonly journal: RunJournal;
  readonly signal: AbortSignal;
  /** Asked before clients of a serving pair are interrupted; throws to stop the deploy. */
  confirm(plan: Plan): Promise<void>;
}

export interface DeployChange extends Change {
  readonly step: string;
  readonly host: string;
}

export interface DeployResult {
  readonly changes: readonly DeployChange[];
  readonly verdicts: readonly Verdict[];
  readonly primary: string | null;
}

/** Throws what stopped it; everything that was done until then stays, and running it again goes on from there. */
export async function deployPair(options: DeployOptions): Promise<DeployResult> {
  const { journal } = options;
  const changes: DeployChange[] = [];
  try {
    const result = await deploy(options, changes);
    journal.end('ok', result.changes.length);
    return result;
  } catch (error) {
    journal.end(outcomeOf(error, options.signal), changes.length);
    throw error;
  }
}

function outcomeOf(error: unknown, signal: AbortSignal): 'failed' | 'refused' | 'interrupted' {
  if (signal.aborted) return 'interrupted';
  const refused =
    error instanceof AppError && ['PREFLIGHT_FAILED', 'REFUSED', 'PAIR_BUSY'].includes(error.code);
  return refused ? 'refused' : 'failed';
}

async function deploy(options: DeployOptions, changes: DeployChange[]): Promise<DeployResult> {
  const { spec, pair, signal } = options;
  const pki = await loadOrCreatePki(spec.coordinator.data);
  // A password_file that cannot be read is told before any host is touched.
  await plannedSecrets(spec.coordinator.data, pair, async () => null);
  const ports = await openAgents(options, changes);
  try {
    const release = await claimPair(ports, pair, owner());
    try {
      const ask = (): Promise<string | null> => readReplicationPassword(spec, pair, signal);
      const secrets = await loadOrCreateSecrets(spec.coordinator.data, pair, ask);
      const ground: Ground = { ports, flavor: MARIADB, secrets, signal };
      const { facts, observations } = await checkHosts(options, ground);
      const plan = makePlan(observations, facts);
      if (interrupts(plan)) await options.confirm(plan);
      if (isUnfounded(facts)) await new LedgerStore(spec.coordinator.data, pair.name).setAside();
      const outcome = await runSteps({ ...ground, ...options, steps: STEPS }, facts, observations);
      changes.push(...outcome.changes);
      const rows = changes.length > 0;
      const verdicts = await checkPair(options, { ports, facts: outcome.facts, secrets, ca: pki.ca, rows });
      return { changes, verdicts, primary: primaryName(outcome.facts) };
    } finally {
      await release();
    }
  } finally {
    closeFleet(ports);
  }
}

async function openAgents(options: DeployOptions, changes: DeployChange[]): Promise<Fleet> {
  const { spec, pair, progress, signal, journal } = options;
  const started = performance.now();
  const words = new Map<string, string>();
  const task = progress.task('agents', 'Agents');
  const record = (outcome: 'done' | 'skipped' | 'failed', message: string): void =>
    journal.step({
      step: 'agents',
      outcome,
      changes: words.size,
      durationMs: performance.now() - started,
      message,
    });
  try {
    const fleet = await ensureAgents(spec, pair, {
      signal,
      onProgress: (host, message) => {
        words.set(host, message);
        task.update(hostWords(words));
      },
    });
    for (const host of words.keys())
      changes.push({ step: 'agents', host, subject: 'agent', summary: 'installed' });
    const installed = words.size === 0 ? '' : `installed on ${[...words.keys()].sort().join(' and ')}`;
    task.done(words.size === 0 ? 'ok' : 'changed', installed);
    record(words.size === 0 ? 'skipped' : 'done', installed);
    return fleet;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    task.fail(message);
    record('failed', message);
    throw error;
  }
}

/** The preflight, and at the same time what there would be to do: neither touches anything. */
async function checkHosts({ pair, progress }: DeployOptions, ground: Ground): Promise<Checked> {
  const { ports, flavor } = ground;
  const task = progress.task('preflight', 'Preflight');
  try {
    const early = await refreshFacts(ports, bareFacts(pair));
    const fit = async (): Promise<PairFacts> => {
      const facts = await completeFacts(ports, early, flavor);
      await preflight(ports, facts, flavor);
      return facts;
    };
    const [facts, observations] = await Promise.all([fit(), observe(ground, STEPS, early)]);
    task.done('ok');
    return { facts, observations };
  } catch (error) {
    task.fail('nothing was touched');
    throw error;
  }
}

interface Checked {
  readonly facts: PairFacts;
  readonly observations: readonly Observation[];
}

async function checkPair(
  { progress, pair }: DeployOptions,
  options: Parameters<typeof verifyPair>[0],
): Promise<readonly Verdict[]> {
  const task = progress.task('verify', 'Verified from end to end');
  const verdicts = await verifyPair(options);
  if (allOk(verdicts)) {
    task.done('ok', `${verdicts.length} checks`);
    return verdicts;
  }
  const broken = verdicts.filter(({ ok }) => !ok).map(({ subject, detail }) => `${subject}: ${detail}`);
  task.fail(broken.join('; '));
  throw new AppError(
    'VERIFY_FAILED',
    `${pair.name} is deployed, and does not pass its checks: ${broken.join('; ')}.`,
    {
      data: { verdicts },
    },
  );
}

/** Who holds the claim, for the coordinator that is told PAIR_BUSY. */
function owner(): string {
  return `${userInfo().username}@${hostname()} (coordinator, pid ${process.pid})`;
}
