/**
 * The interruptions bench: a deploy of two bare hosts is cut off at a random moment, by kill -9 of the coordinator or of
 * an agent, and then run once more in peace. However it was cut, the hosts must end in the same verified state.
 */

import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LabHost, startLab } from '../test/lab/lab.ts';
import { changedOf, type LabCoordinator, makeLabCoordinator } from '../test/support/lab-coordinator.ts';
import { fingerprintOf } from './fingerprint.ts';

export type Victim = 'coordinator' | 'agent of db1' | 'agent of db2';

export interface InterruptionResult {
  readonly run: number;
  readonly victim: Victim;
  /** Moment of the kill, ms after the start of the deploy. */
  readonly atMs: number;
  /** How the interrupted deploy ended; null = killed. */
  readonly exitCode: number | null;
  /** Changes of the clean deploy after it. */
  readonly changed: number;
  /** What is wrong afterwards; empty = the same verified state as every run. */
  readonly problems: readonly string[];
}

export interface InterruptionDocument {
  readonly bench: 'interruptions';
  readonly seed: number;
  readonly results: readonly InterruptionResult[];
  readonly failed: readonly { readonly run: number; readonly reason: string }[];
}

export interface InterruptionOptions {
  readonly runs: number;
  /** The same seed makes the same victims and moments; random by default. */
  readonly seed?: number;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

const victims: readonly Victim[] = ['coordinator', 'coordinator', 'agent of db1', 'agent of db2'];
/** A whole deploy takes about this long; later moments hit a deploy that has ended. */
const deployMs = 16_000;
const endMs = 180_000;

export async function runInterruptions(options: InterruptionOptions): Promise<InterruptionDocument> {
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  const random = generator(seed);
  const results: InterruptionResult[] = [];
  let expected: string | null = null;
  options.log(`seed ${seed}`);
  for (let run = 1; run <= options.runs; run += 1) {
    options.signal.throwIfAborted();
    const victim = victims[Math.floor(random() * victims.length)] ?? 'coordinator';
    const atMs = Math.round(random() * deployMs);
    const place = { run, seed, expected };
    const { fingerprint, ...result } = await interruptOnce(place, victim, atMs, options);
    expected ??= fingerprint;
    results.push(result);
    const { problems } = result;
    options.log(
      `interruption ${run}/${options.runs}: ${victim} at ${(atMs / 1000).toFixed(1)} s, ${result.changed} changes after it: ${problems.length === 0 ? 'the same state' : problems.join('; ')}`,
    );
  }
  const failed = results.filter(({ problems }) => problems.length > 0);
  return {
    ...{ bench: 'interruptions', seed, results },
    failed: failed.map(({ run, problems }) => ({ run, reason: problems.join('; ') })),
  };
}

interface Place {
  readonly run: number;
  readonly seed: number;
  /** The state of the run before; null in the first. */
  readonly expected: string | null;
}

async function interruptOnce(
  { run, seed, expected }: Place,
  victim: Victim,
  atMs: number,
  { log, signal }: InterruptionOptions,
): Promise<InterruptionResult & { readonly fingerprint: string }> {
  await using lab = await startLab({ image: 'bare', log: () => undefined, signal });
  const hosts = [lab.host('db1'), lab.host('db2')] as const;
  const hotpair = makeLabCoordinator(lab, { application: true });
  const exitCode = await interruptedDeploy(hotpair, hosts, victim, atMs);
  const problems: string[] = [];
  const changed = await clean(hotpair, problems);
  const fingerprint = (await Promise.all(hosts.map(fingerprintOf))).join('\n');
  if (expected !== null && fingerprint !== expected)
    problems.push(`another state: ${differenceOf(expected, fingerprint)}`);
  if (problems.length > 0)
    log([...problems, `journals: ${await keepJournals(hosts, `${seed}-${run}`)}`].join('\n'));
  return { run, victim, atMs, exitCode, changed, problems, fingerprint };
}

/** What the hosts say of a run that went wrong, before they are gone. Answers the folder. */
async function keepJournals(hosts: readonly LabHost[], name: string): Promise<string> {
  const folder = join(tmpdir(), 'hotpair-interruptions', name);
  await mkdir(folder, { recursive: true });
  for (const host of hosts) {
    const { stdout } = await host.exec(['journalctl', '--no-pager', '-o', 'short-precise'], { check: false });
    await writeFile(join(folder, `${host.name}.log`), stdout);
  }
  return folder;
}

/** One deploy, its checks, and a second one that must find nothing to do. */
async function clean(hotpair: LabCoordinator, problems: string[]): Promise<number> {
  try {
    const first = await hotpair.documentOf('deploy', '--yes');
    const again = changedOf(await hotpair.documentOf('deploy', '--yes'));
    if (again !== 0) problems.push(`the deploy after the clean one made ${again} changes`);
    await hotpair.documentOf('verify');
    return changedOf(first);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    return -1;
  }
}

async function interruptedDeploy(
  hotpair: LabCoordinator,
  hosts: readonly [LabHost, LabHost],
  victim: Victim,
  atMs: number,
): Promise<number | null> {
  const [file = '', ...args] = hotpair.argv('deploy', '--yes');
  const child = spawn(file, args, { stdio: 'ignore' });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await Promise.race([sleep(atMs), ended]);
  if (victim === 'coordinator') child.kill('SIGKILL');
  else {
    // Before there is an agent nothing dies, and the deploy goes on: an interruption of its own kind.
    const host = hosts[victim === 'agent of db1' ? 0 : 1];
    await host.exec(['systemctl', 'kill', '--signal=KILL', 'hotpair-agent.service'], { check: false });
  }
  const late = sleep(endMs, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
  const code = await Promise.race([ended, late.then(() => ended)]);
  return code;
}

function differenceOf(expected: string, found: string): string {
  const known = new Set(expected.split('\n'));
  const mine = new Set(found.split('\n'));
  const gone = [...known].filter((line) => !mine.has(line)).map((line) => `-${line}`);
  const extra = [...mine].filter((line) => !known.has(line)).map((line) => `+${line}`);
  return [...gone, ...extra].slice(0, 10).join(', ');
}

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
