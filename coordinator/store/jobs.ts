/** Jobs of the REST interface: kept, so that an idempotency key still counts after the daemon was started anew. */

import type { JobProgress, JobState } from '../../shared/api/jobs.ts';
import type { Problem } from '../../shared/api/problem.ts';
import type { Database, Row } from './sqlite.ts';

/** What a job has to show for itself once it has ended. */
export interface JobOutcome {
  readonly question: string | null;
  readonly progress: readonly JobProgress[];
  readonly result: unknown;
  readonly problem: Problem | null;
}

export interface StoredJob {
  readonly id: number;
  readonly command: string;
  readonly pair: string;
  readonly dryRun: boolean;
  readonly actor: string;
  /** JSON of what was asked for. */
  readonly body: string;
  readonly state: JobState;
  readonly created: number;
  readonly ended: number | null;
  readonly outcome: JobOutcome | null;
}

export type NewJob = Pick<StoredJob, 'command' | 'pair' | 'dryRun' | 'actor' | 'body'> & {
  /** Unique for its actor; null where the caller gave none. */
  readonly key: string | null;
};

export interface JobLog {
  add(job: NewJob): StoredJob;
  end(id: number, state: JobState, outcome: JobOutcome): void;
  get(id: number): StoredJob | null;
  byKey(actor: string, key: string): StoredJob | null;
  /** Newest first. */
  list(limit: number, pair?: string): StoredJob[];
  /** Jobs that nobody works at any more: their process ended. */
  interrupt(): void;
  prune(keep: number): void;
}

export function createJobLog(database: Database): JobLog {
  const get = (id: number): StoredJob | null =>
    database.all('SELECT * FROM jobs WHERE id = ?', id).map(toJob)[0] ?? null;
  return {
    add: (job) => add(database, job),
    end: (id, state, outcome) => {
      const sql = 'UPDATE jobs SET state = ?, ended = ?, outcome = ? WHERE id = ?';
      database.run(sql, state, Date.now(), JSON.stringify(outcome), id);
    },
    get,
    byKey: (actor, key) =>
      database.all('SELECT * FROM jobs WHERE actor = ? AND idempotency = ?', actor, key).map(toJob)[0] ??
      null,
    list: (limit, pair) =>
      database
        .all(
          'SELECT * FROM jobs WHERE ?1 IS NULL OR pair = ?1 ORDER BY id DESC LIMIT ?2',
          ...[pair ?? null, limit],
        )
        .map(toJob),
    interrupt: () => {
      database.run("UPDATE jobs SET state = 'interrupted', ended = ? WHERE state = 'running'", Date.now());
    },
    prune: (keep) => {
      const last = 'SELECT id FROM jobs ORDER BY id DESC LIMIT 1 OFFSET ?';
      database.run(`DELETE FROM jobs WHERE id <= (${last})`, keep);
    },
  };
}

function add(database: Database, job: NewJob): StoredJob {
  const { command, pair, dryRun, actor, body, key } = job;
  const [state, created] = ['running' as const, Date.now()];
  const id = database.run(
    'INSERT INTO jobs (command, pair, dry_run, actor, idempotency, body, state, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ...[command, pair, dryRun ? 1 : 0, actor, key, body, state, created],
  );
  return { id, command, pair, dryRun, actor, body, state, created, ended: null, outcome: null };
}

function toJob(row: Row): StoredJob {
  return {
    id: Number(row['id']),
    command: String(row['command']),
    pair: String(row['pair']),
    dryRun: row['dry_run'] === 1,
    actor: String(row['actor']),
    body: String(row['body']),
    // Both were written by this module only.
    state: row['state'] as JobState,
    outcome: row['outcome'] === null ? null : (JSON.parse(String(row['outcome'])) as JobOutcome),
    created: Number(row['created']),
    ended: row['ended'] === null ? null : Number(row['ended']),
  };
}
