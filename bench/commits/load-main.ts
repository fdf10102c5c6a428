/**
 * The load of the commits bench, in the manner of sysbench's oltp_write_only: each transaction updates an indexed and an
 * unindexed column, deletes a row and inserts it anew, of random rows of a random table, by prepared statements.
 */

import { randomInt } from 'node:crypto';
import { type Connection, createConnection } from 'mysql2/promise';
import { monotonicMs } from '../../test/lab/load/clock.ts';
import { serveParent, type Work } from '../../test/lab/load/worker-process.ts';
import { percentile } from '../statistics.ts';
import { type CommitFigures, type CommitLoad, fillerOf, tableName } from './load.ts';

const CONNECT_MS = 5000;
const STATEMENT_MS = 20_000;
/** Two transactions met over the same rows: one is undone by the server, as sysbench has it, and another one begins. */
const DEADLOCK = 'ER_LOCK_DEADLOCK';

interface Tally {
  readonly latenciesMs: number[];
  deadlocks: number;
}

function startCommits(load: CommitLoad): Work {
  const tally: Tally = { latenciesMs: [], deadlocks: 0 };
  const from = monotonicMs() + load.warmUpMs;
  const window = { from, to: from + load.measureMs };
  const running = Promise.all(Array.from({ length: load.connections }, () => write(load, window, tally)));
  return {
    counters: (): CommitFigures => ({
      commits: tally.latenciesMs.length,
      deadlocks: tally.deadlocks,
      medianMs: percentile(tally.latenciesMs, 0.5),
      p95Ms: percentile(tally.latenciesMs, 0.95),
    }),
    stop: async () => void (await running),
  };
}

/** Transactions one after the other; those that end within the window count. */
async function write(
  load: CommitLoad,
  window: { readonly from: number; readonly to: number },
  tally: Tally,
): Promise<void> {
  const { host, port, user, password, database } = load;
  const place = { host, port, user, password, database, connectTimeout: CONNECT_MS };
  const connection = await createConnection(place);
  for (let begun = monotonicMs(); begun < window.to; begun = monotonicMs()) {
    const committed = await commitOne(connection, load);
    const ended = monotonicMs();
    if (ended < window.from || ended > window.to) continue;
    if (committed) tally.latenciesMs.push(ended - begun);
    else tally.deadlocks += 1;
  }
  connection.destroy();
}

async function commitOne(connection: Connection, { tables, rows }: CommitLoad): Promise<boolean> {
  const table = tableName(randomInt(tables));
  const id = (): number => 1 + randomInt(rows);
  const run = (sql: string, ...values: (number | string)[]) =>
    connection.execute({ sql, values, timeout: STATEMENT_MS });
  const anew = id();
  try {
    await connection.query({ sql: 'BEGIN', timeout: STATEMENT_MS });
    await run(`UPDATE ${table} SET k = k + 1 WHERE id = ?`, id());
    await run(`UPDATE ${table} SET c = ? WHERE id = ?`, fillerOf(119, randomInt), id());
    await run(`DELETE FROM ${table} WHERE id = ?`, anew);
    const values = [anew, id(), fillerOf(119, randomInt), fillerOf(59, randomInt)];
    await run(`INSERT INTO ${table} (id, k, c, pad) VALUES (?, ?, ?, ?)`, ...values);
    await connection.query({ sql: 'COMMIT', timeout: STATEMENT_MS });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === DEADLOCK)) throw error;
    return false;
  }
}

await serveParent(startCommits);
