/**
 * errant-save: what only this host has is written to a file, as GTIDs and decoded statements, from the binary logs as they
 * lie on the disk; no server is needed. The file says by its last line whether everything could be read.
 */

import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { AppError } from '../../shared/errors/app-error.ts';
import type { ErrantFacts } from '../../shared/model/action-facts.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { errorCode } from '../host/files.ts';
import type { Host } from '../host/host.ts';
import {
  errantLines,
  errantSummary,
  type GtidState,
  isErrant,
  parseGtidList,
  parseGtidState,
} from '../seed/errant.ts';
import { SEED_PLACES } from '../seed/places.ts';
import { defineAction } from './action.ts';

const HEADER_MS = 30_000;
/** Binary logs of several days, decoded. */
const DECODE_MS = 1_800_000;
/** Long enough for the events that every binary log begins with. */
const HEADER_BYTES = 1000;
const MOST_LISTED = 100;
const COMPLETE = '-- That is all.';
const INCOMPLETE = '-- Not everything could be read: ';

export const errantSave = defineAction<'errant-save', ErrantFacts>({
  resources: () => ['data'],
  check: async (_host, { name }) => await readSaved(errantFile(name)),
  plan: ({ exists }) => (exists ? [] : [{ subject: 'transactions of this host alone', summary: 'save' }]),
  async apply(host, { path }, { primaryState }) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await save(host, `${path}.part`, path, parseGtidState(primaryState));
  },
  facts: (facts) => facts,
});

export function errantFile(name: string): string {
  return join(HOST_PATHS.errant, `${name}.sql`);
}

async function save(host: Host, part: string, path: string, primary: GtidState): Promise<void> {
  const file = await open(part, 'w', 0o600);
  try {
    const pending: string[] = [
      `-- Transactions of ${host.config.host} that the primary does not have, by mariadb-binlog.`,
      '-- Rows are told in words: this is for reading, and does not run as it is.',
    ];
    const note = await decode(host, primary, pending, async () => {
      await file.write(`${pending.splice(0).join('\n')}\n`);
    });
    pending.push('', note === null ? COMPLETE : `${INCOMPLETE}${note}`);
    await file.write(`${pending.join('\n')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await host.run(['mv', part, path], { timeoutMs: 10_000 });
}

const WRITE_LINES = 10_000;

/** Answers what kept it from reading everything, or null. */
async function decode(
  host: Host,
  primary: GtidState,
  pending: string[],
  write: () => Promise<void>,
): Promise<string | null> {
  const logs = await binaryLogs();
  if (logs === null) return `there is no list of binary logs in ${SEED_PLACES.data}.`;
  const filter = errantLines(primary);
  let problem: string | null = null;
  for (const log of await sinceParting(host, logs, primary)) {
    host.progress(`reading ${log}`);
    const argv = ['mariadb-binlog', '--no-defaults', '--base64-output=decode-rows', '-vv', log];
    const { code, stderr } = await host.run(argv, {
      timeoutMs: DECODE_MS,
      check: false,
      onLine: (line) => void pending.push(...filter(line)),
    });
    if (code !== 0) problem ??= `${log}: ${stderr.trim().split('\n').at(-1) ?? ''}`;
    if (pending.length > WRITE_LINES) await write();
  }
  return problem;
}

/** Oldest first; null where they are not known. */
async function binaryLogs(): Promise<readonly string[] | null> {
  try {
    const index = await readFile(join(SEED_PLACES.data, 'mariadb-bin.index'), 'utf8');
    return index
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => resolve(SEED_PLACES.data, line));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** From the newest log on that began when the primary still had everything. */
async function sinceParting(
  host: Host,
  logs: readonly string[],
  primary: GtidState,
): Promise<readonly string[]> {
  for (const [index, log] of [...logs.entries()].reverse()) {
    const argv = ['mariadb-binlog', '--no-defaults', `--stop-position=${HEADER_BYTES}`, log];
    const { stdout } = await host.run(argv, { timeoutMs: HEADER_MS, check: false });
    const begins = parseGtidList(stdout);
    if (begins !== null && !begins.some((gtid) => isErrant(gtid, primary))) return logs.slice(index);
  }
  return logs;
}

async function readSaved(path: string): Promise<ErrantFacts> {
  const none = { path, exists: false, bytes: 0, note: null, count: 0, transactions: [] };
  const size = await stat(path).then(
    (found) => found.size,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null;
      throw error;
    },
  );
  if (size === null) return none;
  const summary = errantSummary(MOST_LISTED);
  let last = '';
  for await (const line of createInterface({ input: createReadStream(path) })) {
    summary.take(line);
    if (line !== '') last = line;
  }
  if (last !== COMPLETE && !last.startsWith(INCOMPLETE))
    throw new AppError('INTERNAL', `${path} has no end: remove it, and run the command again.`);
  const note = last === COMPLETE ? null : last.slice(INCOMPLETE.length);
  return { path, exists: true, bytes: size, note, count: summary.count, transactions: summary.transactions };
}
