/** The coordinator's store: DATA/hotpair.db, shared by the daemon and every command that runs beside it. */

import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { StoreSpec } from '../../shared/model/store-file.ts';
import { type AlertLog, createAlertLog } from './alerts.ts';
import { type AuditTrail, createAuditTrail } from './audit.ts';
import { createDecisionLog, type DecisionLog } from './decisions.ts';
import { createEventLog, type EventLog, NO_PAIR } from './event-log.ts';
import { createJobLog, type JobLog } from './jobs.ts';
import { MIGRATIONS } from './migrations.ts';
import { createOutageLog, type OutageLog } from './outages.ts';
import { createRunLog, type RunLog } from './runs.ts';
import { createSampleLog, type SampleLog } from './samples.ts';
import { openDatabase } from './sqlite.ts';
import { storeError } from './store-error.ts';
import { createTokenLog, type TokenLog } from './tokens.ts';

const KEEP_RUNS = 2000;
const KEEP_JOBS = 2000;
const KEEP_ALERTS = 10_000;
/** Some 40 MB. */
const KEEP_AUDIT = 100_000;

export interface Store {
  readonly events: EventLog;
  readonly runs: RunLog;
  readonly decisions: DecisionLog;
  readonly samples: SampleLog;
  readonly jobs: JobLog;
  readonly tokens: TokenLog;
  readonly audit: AuditTrail;
  readonly alerts: AlertLog;
  readonly outages: OutageLog;
  /** Forgets all but the newest of each kind; samples have times of their own. */
  prune(keep: Pick<StoreSpec, 'events' | 'decisions'>): void;
  close(): void;
}

export const STORE_FILE = 'hotpair.db';

/**
 * Opens or makes the store in `dataDir` (0700; the file 0600). `warn` gets one sentence when a damaged file was set
 * aside, now or later; the new store begins with the same sentence as an event.
 */
export function openStore(
  dataDir: string,
  warn: (sentence: string) => void = (sentence) => process.stderr.write(`warning: ${sentence}\n`),
): Store {
  makeFolder(dataDir);
  let replaced: string | null = null;
  let tell = (setAside: string): void => {
    replaced = setAside;
  };
  const database = openDatabase(join(dataDir, STORE_FILE), MIGRATIONS, (setAside) => tell(setAside));
  const events = createEventLog(database);
  tell = (setAside) => {
    const sentence = `The store was damaged: it is kept as ${basename(setAside)} in ${dataDir}, and a new one was begun without its history, audit trail and tokens; coordinator token create makes new ones.`;
    warn(sentence);
    events.append({ pair: NO_PAIR, kind: 'StoreReplaced', message: sentence, data: { setAside } });
  };
  if (replaced !== null) tell(replaced);
  const runs = createRunLog(database);
  const decisions = createDecisionLog(database);
  const jobs = createJobLog(database);
  const audit = createAuditTrail(database);
  const alerts = createAlertLog(database);
  const outages = createOutageLog(database);
  return {
    ...{ events, runs, decisions, jobs, audit, alerts, outages },
    samples: createSampleLog(database),
    tokens: createTokenLog(database),
    prune(keep) {
      events.prune(keep.events);
      decisions.prune(keep.decisions);
      runs.prune(KEEP_RUNS);
      jobs.prune(KEEP_JOBS);
      audit.prune(KEEP_AUDIT);
      alerts.prune(KEEP_ALERTS);
      outages.prune();
    },
    close: () => database.close(),
  };
}

/** Throws REFUSED or DISK_FULL with the folder's name where the folder cannot be used. */
function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw storeError(error, `The data folder ${dataDir}`);
  }
}
