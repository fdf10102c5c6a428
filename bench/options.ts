/** The bench's command line. Pure but for process.argv's default. */

import { parseArgs } from 'node:util';
import { type CommitsDisk, commitsDisks, type VariantName, variantNames } from './commits/variants.ts';
import { type FailoverFault, failoverFaults } from './faults.ts';
import { GUARD_MODES, type GuardMode } from './pairs/fleet.ts';

/** Each keeps its result by its name. */
export const measuringNames = [
  'failover',
  'deploy',
  'idle',
  'commits',
  'interruptions',
  'pairs',
  'rest',
  'console',
] as const;
export const benchNames = [...measuringNames, 'docs'] as const;
export type BenchName = (typeof benchNames)[number];

export interface BenchOptions {
  readonly bench: BenchName;
  readonly runs: number;
  readonly seconds: number;
  /** Of the random moments; drawn when it is not given. */
  readonly seed?: number;
  readonly json: boolean;
  /** Keeps the result in bench/results and writes docs/benchmarks.md again. */
  readonly save: boolean;
  readonly faults: readonly (FailoverFault | 'cut')[];
  readonly systems: readonly ('hotpair' | 'baseline')[];
  /** How many simulated pairs, one after the other. */
  readonly pairs: readonly number[];
  readonly guards: GuardMode;
  /** Of the hosts whose commits are measured. */
  readonly disk: CommitsDisk;
  readonly variants: readonly VariantName[];
}

export const usage = `usage: npm run bench -- BENCH [--json] [--save]
  failover [--runs 10] [--faults kill,power,hang,cut] [--only hotpair|baseline]
           a fault under load, hotpair and the how-to's own configuration side by side
  deploy   [--runs 5]       from two bare hosts to a verified pair, then the same command again
  idle     [--seconds 60]   what agent and guard cost on a deployed pair at rest
  commits  [--runs 10] [--seconds 20] [--disk folder|memory] [--variants guarded,unguarded,…]
           what commits cost when nothing happens: with and without guards, synced relay log, semi-sync
  interruptions [--runs 20] [--seed N]
           deploy interrupted at random, then once more in peace
  pairs    [--pairs 10,100,1000] [--seconds 60] [--guards none|linked|voting]
           what watching costs the coordinator; linked: its witness is connected to the guards, voting: and votes
  rest                      pages of the REST interface with a million events in the store
  console  [--runs 10] [--seconds 10]
           how soon Chromium shows the console's pages, and whether they stand still while heartbeats come in
  docs                      docs/benchmarks.md out of bench/results
  --json   the last line is one JSON document
  --save   keep the result in bench/results and write docs/benchmarks.md again`;

const defaultRuns = {
  failover: 10,
  deploy: 5,
  idle: 1,
  commits: 10,
  interruptions: 20,
  pairs: 1,
  rest: 1,
  console: 10,
  docs: 0,
} as const;
const defaultSeconds: Readonly<Partial<Record<BenchName, number>>> = { commits: 20, console: 10 };
const SECONDS = 60;
const allFaults = [...failoverFaults, 'cut'] as const;

/** Throws an Error with the usage in it. */
export function parseBenchOptions(argv: readonly string[]): BenchOptions {
  const { values, positionals } = parse(argv);
  const bench = oneOf(positionals[0] ?? '', benchNames, 'bench');
  if (positionals.length > 1) refuse(`unexpected argument ${positionals[1]}`);
  return {
    bench,
    runs: values.runs === undefined ? defaultRuns[bench] : count(values.runs, '--runs'),
    seconds:
      values.seconds === undefined ? (defaultSeconds[bench] ?? SECONDS) : count(values.seconds, '--seconds'),
    ...(values.seed === undefined ? {} : { seed: count(values.seed, '--seed') }),
    json: values.json,
    save: values.save,
    faults: values.faults.split(',').map((name) => oneOf(name, allFaults, 'fault')),
    pairs: values.pairs.split(',').map((number) => count(number, '--pairs')),
    variants: values.variants.split(',').map((name) => oneOf(name, variantNames, 'variant')),
    disk: oneOf(values.disk, commitsDisks, 'kind of disk'),
    guards: oneOf(values.guards, GUARD_MODES, 'mode of the guards'),
    systems: values.only === undefined ? systems : [oneOf(values.only, systems, 'pair')],
  };
}

const systems = ['hotpair', 'baseline'] as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        runs: { type: 'string' },
        seconds: { type: 'string' },
        seed: { type: 'string' },
        json: { type: 'boolean', default: false },
        save: { type: 'boolean', default: false },
        faults: { type: 'string', default: allFaults.join(',') },
        only: { type: 'string' },
        pairs: { type: 'string', default: '10,100,1000' },
        variants: { type: 'string', default: variantNames.join(',') },
        disk: { type: 'string', default: 'folder' },
        guards: { type: 'string', default: 'none' },
      },
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function oneOf<T extends string>(value: string, allowed: readonly T[], what: string): T {
  const found = allowed.find((one) => one === value);
  return found ?? refuse(value === '' ? `no ${what} was named` : `there is no ${what} ${value}`);
}

function count(text: string, option: string): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : refuse(`${option} needs a whole number above 0`);
}

function refuse(reason: string): never {
  throw new Error(`${reason}\n${usage}`);
}
