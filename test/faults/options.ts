/** The command line of `npm run faults`. Pure. */

import { parseArgs } from 'node:util';
import type { Fault } from './fault.ts';
import { faults, faultsNamed } from './fault-table.ts';

export interface FaultOptions {
  readonly mode: 'table' | 'nemesis';
  readonly chosen: readonly Fault[];
  readonly runs: number;
  readonly minutes: number;
  readonly seed: number;
  /** Disks in memory instead of file systems of their own: faster, and nothing can be done to them. */
  readonly memoryDisks: boolean;
  readonly json: boolean;
  /** Goes on after a lost row or two servers that acknowledged at once. */
  readonly keepGoing: boolean;
  /** Keeps the journals of every run. */
  readonly keep: boolean;
  /** Keeps the result in bench/results and writes docs/benchmarks.md again. */
  readonly save: boolean;
  /** Only prints what there is. */
  readonly list: boolean;
}

export const usage = `usage: npm run faults -- [--runs 1] [--only X,Y] [--seed N] [--json] [--save] [--keep-going] [--keep]
       npm run faults -- nemesis --minutes M [--seed N] [--json] [--save] [--keep-going] [--keep]
       npm run faults -- --list
  --only        one (2, 6a), all of a number (6), or words of a name
  --keep-going  do not end at the first lost row or dual acknowledgement
  --keep        keep the journals of every run, not only of those that went wrong
  --memory-disks  hosts' disks in memory: faster, a sync costs nothing, and faults of disks are not tried
  --json        the last line is one JSON array
  --save        keep the result in bench/results and write docs/benchmarks.md again`;

/** Throws an Error with the usage in it. */
export function parseFaultOptions(argv: readonly string[]): FaultOptions {
  const { values, positionals } = parse(argv);
  const [mode = 'table', ...more] = positionals;
  if (more.length > 0 || (mode !== 'table' && mode !== 'nemesis'))
    return refuse(`unexpected argument ${more[0] ?? mode}`);
  if (values.save && values['memory-disks'])
    return refuse('--save keeps figures of hosts with disks of their own, without --memory-disks');
  if (mode === 'nemesis' && values.minutes === undefined) return refuse('nemesis needs --minutes');
  return {
    mode,
    chosen: values.only === undefined ? faults : choose(values.only),
    runs: count(values.runs, '--runs'),
    minutes: count(values.minutes ?? '1', '--minutes'),
    seed: values.seed === undefined ? Math.floor(Math.random() * 1_000_000) : count(values.seed, '--seed'),
    memoryDisks: values['memory-disks'],
    ...{ json: values.json, keepGoing: values['keep-going'], keep: values.keep, list: values.list },
    save: values.save,
  };
}

function parse(argv: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        runs: { type: 'string', default: '1' },
        only: { type: 'string' },
        minutes: { type: 'string' },
        seed: { type: 'string' },
        ...{ json: flag, 'memory-disks': flag, 'keep-going': flag, keep: flag, save: flag, list: flag },
      },
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function choose(words: string): readonly Fault[] {
  const found = words.split(',').map((word) => {
    const named = faultsNamed(word.trim());
    return named.length === 0 ? refuse(`there is no fault ${word}`) : named;
  });
  return [...new Set(found.flat())];
}

function count(text: string, option: string): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : refuse(`${option} needs a whole number above 0`);
}

function refuse(reason: string): never {
  throw new Error(`${reason}\n${usage}`);
}
