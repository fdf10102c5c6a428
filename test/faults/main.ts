/**
 * `npm run faults`: the faults of the table on real hosts under load, judged one by one; `nemesis` for as long as asked.
 * Exit code 1 when a row was lost, two servers acknowledged at once, or something was not as promised.
 */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { thisMachine } from '../../bench/machine.ts';
import { saveResult } from '../../bench/results.ts';
import { renderPlain } from '../../bench/table.ts';
import { labRefusal } from '../lab/requirements.ts';
import type { Fault } from './fault.ts';
import { nemesis } from './nemesis.ts';
import { type FaultOptions, parseFaultOptions } from './options.ts';
import { promises } from './promises.ts';
import {
  type BrokenRun,
  type FaultLine,
  renderReport,
  type Skipped,
  skippedLine,
  summarize,
} from './report.ts';
import { type FaultRun, runFault, Unsteady } from './run-fault.ts';
import { openStage, type Stage } from './stage.ts';

const log = (line: string): void => void process.stderr.write(`${line}\n`);
/** A stage that could not be opened again so often is no accident. */
const openings = 3;

interface Tally {
  readonly runs: FaultRun[];
  readonly broken: BrokenRun[];
  readonly skipped: Skipped[];
}

async function main(): Promise<number> {
  const options = parseFaultOptions(process.argv.slice(2));
  if (options.list) {
    process.stdout.write(`${renderPlain(promises(options.chosen))}\n`);
    return 0;
  }
  const refusal = labRefusal();
  if (refusal !== undefined) throw new Error(`faults cannot be tried here: ${refusal}.`);
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => ending.abort(new Error(`ended by ${name}; the lab is removed`)));
  const tally: Tally = { runs: [], broken: [], skipped: [] };
  log(`seed ${options.seed}`);
  await tryAll(options, tally, ending.signal).catch((error: unknown) => {
    if (!ending.signal.aborted) throw error;
    log(String(ending.signal.reason));
  });
  const lines = [...summarize(tally.runs, tally.broken), ...tally.skipped.map(skippedLine)];
  process.stdout.write(`${renderReport(lines)}\n`);
  if (options.save) save(summarize(tally.runs, tally.broken));
  if (options.json) process.stdout.write(`${JSON.stringify(lines)}\n`);
  // A run that was broken off may still wait for something that has gone.
  if (ending.signal.aborted) process.exit(1);
  return lines.some(isBad) ? 1 : 0;
}

/** What was not tried leaves what is known of it. */
function save(lines: readonly FaultLine[]): void {
  if (lines.length === 0) return;
  saveResult({ bench: 'faults', lines, machine: thisMachine(), measuredAt: new Date().toISOString() });
}

function isBad({ lost, dualAcks, expectationMet }: FaultLine): boolean {
  return lost > 0 || dualAcks > 0 || expectationMet === false;
}

async function tryAll(options: FaultOptions, tally: Tally, signal: AbortSignal): Promise<void> {
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const folder = join(tmpdir(), 'hotpair-faults', stamp);
  let stage: Stage | undefined;
  const close = async (): Promise<void> => {
    const closing = stage;
    stage = undefined;
    await closing?.[Symbol.asyncDispose]();
  };
  try {
    for (const { fault, run: number, of } of plan(options)) {
      signal.throwIfAborted();
      stage ??= await openAnew(!options.memoryDisks, signal);
      const reason = unsupported(stage, fault);
      if (reason !== undefined) {
        if (number === 1) tally.skipped.push({ fault, reason });
        continue;
      }
      const title = `${fault.id} ${fault.name}, run ${number}${of}`;
      const usable = await tryOne(stage, { fault, number, title, folder, options }, tally, signal);
      if (!usable) await close();
      if (!options.keepGoing && tally.runs.some(({ lost, dualAcks }) => lost > 0 || dualAcks > 0)) return;
    }
  } finally {
    await close();
  }
}

/** Fault after fault, or nemesis until its time is over. */
function* plan({ mode, chosen, runs, minutes }: FaultOptions) {
  if (mode === 'table') {
    for (const fault of chosen)
      for (let number = 1; number <= runs; number += 1) yield { fault, run: number, of: `/${runs}` };
    return;
  }
  const end = performance.now() + minutes * 60_000;
  for (let number = 1; performance.now() < end; number += 1) yield { fault: nemesis, run: number, of: '' };
}

async function openAnew(ownDisks: boolean, signal: AbortSignal): Promise<Stage> {
  for (let time = 1; ; time += 1) {
    try {
      log('deploying a pair');
      return await openStage(ownDisks, () => undefined, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (time === openings) throw error;
      log(`the pair could not be deployed: ${wordsOf(error)}`);
    }
  }
}

interface One {
  readonly fault: Fault;
  readonly number: number;
  readonly title: string;
  readonly folder: string;
  readonly options: FaultOptions;
}

/** Answers whether the stage is good for another fault. */
async function tryOne(
  stage: Stage,
  { fault, number, title, folder, options }: One,
  tally: Tally,
  signal: AbortSignal,
): Promise<boolean> {
  const seed = options.seed + number - 1;
  const say = (words: string): void => progress(`${title}: ${words}`);
  const place = join(folder, `${fault.id}-${number}`);
  try {
    const own = { run: number, seed, folder: place, keep: options.keep };
    const attempt = () => unlessAborted(runFault(stage, { fault, ...own, say, signal }), signal);
    const result = await attempt().catch((error: unknown) => {
      if (!(error instanceof Unsteady)) throw error;
      say(`${error.message}: once more`);
      return attempt();
    });
    tally.runs.push(result);
    progress('');
    log(`${title}: ${told(result)}`);
    return result.backMs !== null;
  } catch (error) {
    signal.throwIfAborted();
    const reason = wordsOf(error);
    tally.broken.push({ fault, run: number, seed, reason });
    progress('');
    log(`${title}: broke off: ${reason}; journals in ${place}`);
    return false;
  }
}

/** Ends with the signal, whatever the work still waits for: closing the stage ends all of it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function told(result: FaultRun): string {
  const { notes, outageMs, failovers, acknowledged, lost, dualAcks, backMs, problems, journals, seed } =
    result;
  const back = backMs === null ? 'not whole by itself' : `whole after ${(backMs / 1000).toFixed(1)} s`;
  const figures = `outage ${Math.round(outageMs)} ms, ${failovers} failovers, ${acknowledged} acknowledged, ${lost} lost, ${dualAcks} dual, ${back}`;
  const chance = notes.length === 0 ? '' : ` [${notes.join('; ')}]`;
  if (problems.length === 0) return `${figures}${chance}`;
  const again = result.fault.id === nemesis.id ? ` Again: --only ${nemesis.id} --seed ${seed}.` : '';
  return `${figures}${chance}\n  NOT AS PROMISED: ${problems.join('; ')}.${again}\n  Journals: ${journals}`;
}

/** Why this fault cannot be tried here; undefined when it can. */
function unsupported(stage: Stage, { impossible, ownDisk }: Fault): string | undefined {
  return impossible ?? (ownDisk === true && !stage.ownDisks ? 'the disks are in memory' : undefined);
}

/** One line that is written over on a terminal. */
function progress(words: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${words}`);
  else if (words !== '') log(`  ${words}`);
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n`);
  process.exitCode = 1;
}
