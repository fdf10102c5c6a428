/** The load of the commits bench as its parent sees it, and the tables that it writes to. */

import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LabHost } from '../../test/lab/lab.ts';
import type { Account } from '../../test/lab/load/pair-under-test.ts';
import { sql } from '../../test/lab/load/tables.ts';
import { Worker } from '../../test/lab/load/worker.ts';

export interface CommitLoad extends Account {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly tables: number;
  /** Of each table. */
  readonly rows: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface CommitFigures {
  readonly commits: number;
  readonly deadlocks: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

const PROGRAM = fileURLToPath(new URL('./load-main.ts', import.meta.url));
const FILL_MS = 120_000;

export const tableName = (number: number): string => `sbtest${number + 1}`;

/** Groups of eleven digits, so many characters in all, as sysbench fills its columns. */
export function fillerOf(length: number, random: (below: number) => number): string {
  const group = (): string => String(random(100_000_000_000)).padStart(11, '0');
  return Array.from({ length: Math.ceil(length / 12) }, group)
    .join('-')
    .slice(0, length);
}

export async function fillTables(
  primary: LabHost,
  { database, tables, rows }: Pick<CommitLoad, 'database' | 'tables' | 'rows'>,
): Promise<void> {
  const digits = "LPAD(FLOOR(RAND() * 100000000000), 11, '0')";
  const filler = (groups: number): string => `CONCAT_WS('-', ${Array(groups).fill(digits).join(', ')})`;
  const columns = `id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL DEFAULT 0,
    c CHAR(120) NOT NULL DEFAULT '', pad CHAR(60) NOT NULL DEFAULT '', KEY k_1 (k)`;
  for (let number = 0; number < tables; number += 1) {
    const table = `${database}.${tableName(number)}`;
    await sql(
      primary,
      `CREATE TABLE ${table} (${columns}) ENGINE=InnoDB;
      INSERT INTO ${table} SELECT seq, 1 + FLOOR(RAND() * ${rows}), ${filler(10)}, ${filler(5)} FROM ${database}.seq_1_to_${rows};`,
      FILL_MS,
    );
  }
}

/** Writes for a while from a process of its own; `enter` is an argv prefix such as `lab.clientArgv`. */
export async function runCommits(
  enter: readonly string[],
  load: CommitLoad,
  signal: AbortSignal,
): Promise<CommitFigures> {
  const worker = new Worker<CommitFigures>(enter, PROGRAM, load);
  try {
    await delay(load.warmUpMs + load.measureMs, undefined, { signal });
    return await worker.ask('stop');
  } finally {
    worker.kill();
  }
}
