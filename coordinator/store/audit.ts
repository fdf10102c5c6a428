/**
 * The audit trail: who asked for what. Every entry carries the hash of the one before it, so that one that was changed,
 * taken out or put in between breaks the chain. What the chain alone cannot show is an end that was cut off: whoever needs
 * that keeps the newest hash elsewhere (`head` in the answer to the check of the chain).
 */

import { createHash } from 'node:crypto';
import type { AuditEntry, AuditVerdict } from '../../shared/api/administration.ts';
import type { Database, Row } from './sqlite.ts';

export type NewAuditEntry = Pick<AuditEntry, 'actor' | 'source' | 'action' | 'target' | 'outcome'> & {
  /** Never a secret. */
  readonly data?: Readonly<Record<string, unknown>>;
};

export interface AuditTrail {
  append(entry: NewAuditEntry): AuditEntry;
  /** Newest first. */
  page(limit: number, beforeId?: number): AuditEntry[];
  /** Oldest first, after that id. */
  after(id: number, limit: number): AuditEntry[];
  verify(): AuditVerdict;
  /** Forgets all but the newest `keep`; what is left is still a chain. */
  prune(keep: number): void;
}

/** What the first entry follows. */
const GENESIS = '0'.repeat(64);
const BATCH = 1000;

export function createAuditTrail(database: Database): AuditTrail {
  const after = (id: number, limit: number): AuditEntry[] =>
    database.all('SELECT * FROM audit WHERE id > ? ORDER BY id LIMIT ?', id, limit).map(toEntry);
  return {
    append: (entry) => database.transaction(() => append(database, entry)),
    page: (limit, beforeId = Number.MAX_SAFE_INTEGER) =>
      database.all('SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?', beforeId, limit).map(toEntry),
    after,
    verify: () => verify(after),
    prune: (keep) => {
      const last = 'SELECT id FROM audit ORDER BY id DESC LIMIT 1 OFFSET ?';
      database.run(`DELETE FROM audit WHERE id <= (${last})`, keep);
    },
  };
}

function append(database: Database, entry: NewAuditEntry): AuditEntry {
  const [last] = database.all('SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1');
  const { actor, source, action, target, outcome, data = {} } = entry;
  const previous = String(last?.['hash'] ?? GENESIS);
  const open = {
    id: Number(last?.['id'] ?? 0) + 1,
    time: Date.now(),
    actor,
    source,
    action,
    target,
    outcome,
  };
  const full = { ...open, data, previous };
  const hash = hashOf(full);
  database.run(
    'INSERT INTO audit (id, time, actor, source, action, target, outcome, data, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ...[open.id, open.time, actor, source, action, target, outcome, JSON.stringify(data), previous, hash],
  );
  return { ...full, hash };
}

/** Over the values in a fixed order, as JSON: anybody can work it out from an exported line. */
function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { id, time, actor, source, action, target, outcome, data, previous } = entry;
  const text = JSON.stringify([id, time, actor, source, action, target, outcome, data, previous]);
  return createHash('sha256').update(text).digest('hex');
}

/** The first entry that is left may follow one that was forgotten; every other one follows the one before it. */
function verify(after: AuditTrail['after']): AuditVerdict {
  let [entries, head, last]: [number, string | null, number] = [0, null, 0];
  for (;;) {
    const batch = after(last, BATCH);
    for (const entry of batch) {
      const follows = head === null || (entry.previous === head && entry.id === last + 1);
      if (!follows || hashOf(entry) !== entry.hash) return { ok: false, entries, head, broken: entry.id };
      entries += 1;
      [head, last] = [entry.hash, entry.id];
    }
    if (batch.length < BATCH) return { ok: true, entries, head, broken: null };
  }
}

function toEntry(row: Row): AuditEntry {
  const text = (key: string): string => String(row[key]);
  return {
    id: Number(row['id']),
    time: Number(row['time']),
    actor: text('actor'),
    source: row['source'] as AuditEntry['source'], // Written by append() only.
    ...{ action: text('action'), target: text('target'), outcome: text('outcome') },
    data: parsed(text('data')),
    ...{ previous: text('previous'), hash: text('hash') },
  };
}

/** What is no JSON any more was changed by somebody: the entry is told without it, and its hash does not fit. */
function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
