/** The record of runs of deploy and drill: for people who ask what was done. Nothing resumes from it. */

import type { Database, Row } from './sqlite.ts';

export type RunOutcome = 'ok' | 'failed' | 'refused' | 'interrupted';

export interface RunStep {
  readonly step: string;
  readonly outcome: 'done' | 'skipped' | 'failed';
  readonly changes: number;
  readonly durationMs: number;
  /** What was done or what went wrong; never a secret. */
  readonly message: string;
}

export interface StoredRun {
  readonly id: number;
  readonly command: string;
  readonly pair: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  /** Null while it runs, and for ever when its process was killed. */
  readonly ended: number | null;
  readonly outcome: RunOutcome | null;
  readonly changes: number | null;
}

export interface RunLog {
  begin(command: string, pair: string): number;
  step(id: number, step: RunStep): void;
  end(id: number, outcome: RunOutcome, changes: number): void;
  /** Oldest first; the newest `limit` of them. */
  list(pair?: string, limit?: number, beforeId?: number): StoredRun[];
  get(id: number): StoredRun | null;
  steps(id: number): RunStep[];
  /** Forgets all but the newest `keep` runs with their steps; answers how many went. */
  prune(keep: number): number;
}

export function createRunLog(database: Database): RunLog {
  return {
    begin: (command, pair) =>
      database.run('INSERT INTO runs (command, pair, started) VALUES (?, ?, ?)', command, pair, Date.now()),
    step: (id, step) => {
      database.run(
        `INSERT INTO run_steps (run, position, step, outcome, changes, duration_ms, message)
         VALUES (?, (SELECT COUNT(*) FROM run_steps WHERE run = ?), ?, ?, ?, ?, ?)`,
        ...[id, id, step.step, step.outcome, step.changes, Math.round(step.durationMs), step.message],
      );
    },
    end: (id, outcome, changes) => {
      database.run(
        'UPDATE runs SET ended = ?, outcome = ?, changes = ? WHERE id = ?',
        Date.now(),
        outcome,
        changes,
        id,
      );
    },
    list: (pair, limit = 100, beforeId = Number.MAX_SAFE_INTEGER) =>
      database
        .all(
          'SELECT * FROM runs WHERE (?1 IS NULL OR pair = ?1) AND id < ?3 ORDER BY id DESC LIMIT ?2',
          ...[pair ?? null, limit, beforeId],
        )
        .reverse()
        .map(toRun),
    get: (id) => database.all('SELECT * FROM runs WHERE id = ?', id).map(toRun)[0] ?? null,
    steps: (id) => database.all('SELECT * FROM run_steps WHERE run = ? ORDER BY position', id).map(toStep),
    prune: (keep) => prune(database, keep),
  };
}

function prune(database: Database, keep: number): number {
  return database.transaction(() => {
    const old = '(SELECT id FROM runs ORDER BY id DESC LIMIT -1 OFFSET ?)';
    const [row] = database.all(`SELECT COUNT(*) AS n FROM ${old}`, keep);
    database.run(`DELETE FROM run_steps WHERE run IN ${old}`, keep);
    database.run(`DELETE FROM runs WHERE id IN ${old}`, keep);
    return Number(row?.['n'] ?? 0);
  });
}

function toRun(row: Row): StoredRun {
  return {
    id: Number(row['id']),
    command: String(row['command']),
    pair: String(row['pair']),
    started: Number(row['started']),
    ended: row['ended'] === null ? null : Number(row['ended']),
    outcome: row['outcome'] as RunOutcome | null,
    changes: row['changes'] === null ? null : Number(row['changes']),
  };
}

function toStep(row: Row): RunStep {
  return {
    step: String(row['step']),
    outcome: row['outcome'] as RunStep['outcome'],
    changes: Number(row['changes']),
    durationMs: Number(row['duration_ms']),
    message: String(row['message']),
  };
}
