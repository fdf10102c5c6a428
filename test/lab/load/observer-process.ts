/**
 * The observer of a pair: asks each node through its own address every 20 ms whether it is read-only and whether it
 * acknowledges a row, counts and reads a counter through the VIP, and moves money between accounts.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from 'mysql2';
import { ask, columnOf, connect, describe, sequenceOf } from './client.ts';
import { monotonicMs } from './clock.ts';
import { formatEvent, type HistoryEvent } from './history.ts';
import { formatObservation, type Observation } from './observations.ts';
import { bank, type ObserverSettings, sampleMs } from './observer-settings.ts';
import { RecordFile } from './record-file.ts';
import { defaultSettings } from './settings.ts';
import { serveParent, type Work } from './worker-process.ts';
import { runWriter } from './writer.ts';

const { connectTimeoutMs, statementTimeoutMs, tls } = defaultSettings;

interface Lane {
  readonly host: string;
  readonly everyMs: number;
  /** One round trip; what it answers is recorded with its times. */
  step(connection: Connection): Promise<Result>;
  /** What is recorded of a round that failed; absent: nothing. */
  failed?(error: string): Result;
}

/** An observation without its times. */
type Result = Observation extends infer One
  ? One extends Observation
    ? Omit<One, 'from' | 'at'>
    : never
  : never;

function startObserver(settings: ObserverSettings): Work {
  const probes = new RecordFile(settings.historyFile);
  const observations = new RecordFile(settings.observationFile);
  const ending = new AbortController();
  const record = (observation: Observation): void => observations.add(formatObservation(observation));
  const recordProbe = (event: HistoryEvent): void => probes.add(formatEvent(event));
  const lanes = [
    ...settings.nodes.map((node) => sampleLane(settings, node, ending.signal)),
    addLane(settings, ending.signal),
    readLane(settings, ending.signal),
    ...[0, 1].map(() => transferLane(settings, ending.signal)),
    totalLane(settings, ending.signal),
  ];
  const running = [
    ...lanes.map((lane) => runLane(settings, lane, record, ending.signal)),
    ...settings.nodes.map((node, index) => probe(settings, node, index, recordProbe, ending.signal)),
  ];
  return {
    counters: () => ({}),
    stop: async () => {
      ending.abort();
      await Promise.all(running);
      probes.close();
      observations.close();
    },
  };
}

/** Rounds at a steady pace; one that takes longer is followed by the next at once, on a new connection if it failed. */
async function runLane(
  settings: ObserverSettings,
  lane: Lane,
  record: (observation: Observation) => void,
  signal: AbortSignal,
): Promise<void> {
  let connection: Connection | undefined;
  while (!signal.aborted) {
    const from = monotonicMs();
    try {
      connection ??= await connect({ ...settings, host: lane.host, connectTimeoutMs, tls }, signal);
      const result = await lane.step(connection);
      record({ ...result, from, at: monotonicMs() });
    } catch (error) {
      connection?.destroy();
      connection = undefined;
      const result = lane.failed?.(describe(error));
      if (result !== undefined) record({ ...result, from, at: monotonicMs() });
    }
    const rest = Math.max(1, lane.everyMs - (monotonicMs() - from));
    await delay(rest, undefined, { signal }).catch(() => undefined);
  }
  connection?.destroy();
}

/** Rows through a node's own address: ordinary rows of the set, so that every check of the set holds for them too. */
function probe(
  settings: ObserverSettings,
  { address, firstId }: ObserverSettings['nodes'][number],
  index: number,
  record: (event: HistoryEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let id = firstId;
  const load = {
    ...defaultSettings,
    ...settings,
    ...{ host: address, connections: 1, firstId, pauseMs: sampleMs, retryMs: sampleMs, gtid: true },
  };
  return runWriter({ settings: load, writer: 100 + index, nextId: () => id++, record, signal });
}

function sampleLane(
  _settings: ObserverSettings,
  { name, address }: ObserverSettings['nodes'][number],
  signal: AbortSignal,
): Lane {
  const sample = { kind: 'sample', node: name } as const;
  return {
    host: address,
    everyMs: sampleMs,
    async step(connection) {
      const rows = await ask(connection, 'SELECT @@read_only AS r', [], statementTimeoutMs, signal);
      return { ...sample, readOnly: Number(columnOf(rows, 'r')) === 1 };
    },
    failed: (error) => ({ ...sample, readOnly: null, error }),
  };
}

function addLane({ vip, table }: ObserverSettings, signal: AbortSignal): Lane {
  const sql = `UPDATE ${table}_counter SET value = LAST_INSERT_ID(value + 1) WHERE k = 0;
    SELECT LAST_INSERT_ID() AS value, @@server_id AS server, @@last_gtid AS gtid`;
  return {
    host: vip,
    everyMs: sampleMs,
    async step(connection) {
      const rows = lastOf(await ask(connection, sql, [], statementTimeoutMs, signal));
      return { kind: 'add', value: Number(columnOf(rows, 'value')), ...writtenBy(rows) };
    },
  };
}

function readLane({ vip, table }: ObserverSettings, signal: AbortSignal): Lane {
  const sql = `SELECT value, @@server_id AS server FROM ${table}_counter WHERE k = 0`;
  return {
    host: vip,
    everyMs: sampleMs,
    async step(connection) {
      const rows = await ask(connection, sql, [], statementTimeoutMs, signal);
      const [value, server] = [Number(columnOf(rows, 'value')), Number(columnOf(rows, 'server'))];
      return { kind: 'read', value, server };
    },
  };
}

/** One text, so that a client that goes away leaves no locks behind; serializable, so that no anomaly is InnoDB's. */
function transferLane({ vip, table }: ObserverSettings, signal: AbortSignal): Lane {
  const sql = `SET SESSION innodb_lock_wait_timeout = 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; BEGIN;
    SELECT id FROM ${table}_bank WHERE id IN (?, ?) ORDER BY id FOR UPDATE;
    UPDATE ${table}_bank SET balance = balance - ? WHERE id = ?;
    UPDATE ${table}_bank SET balance = balance + ? WHERE id = ?;
    COMMIT; SELECT @@server_id AS server, @@last_gtid AS gtid`;
  return {
    host: vip,
    everyMs: 2 * sampleMs,
    async step(connection) {
      const from = Math.floor(Math.random() * bank.accounts);
      const to = (from + 1 + Math.floor(Math.random() * (bank.accounts - 1))) % bank.accounts;
      const amount = 1 + Math.floor(Math.random() * 5);
      const values = [from, to, amount, from, amount, to];
      const rows = lastOf(await ask(connection, sql, values, statementTimeoutMs, signal));
      return { kind: 'transfer', ...writtenBy(rows) };
    },
  };
}

function totalLane({ vip, table }: ObserverSettings, signal: AbortSignal): Lane {
  const sql = `SELECT SUM(balance) AS total, @@server_id AS server FROM ${table}_bank`;
  return {
    host: vip,
    everyMs: 5 * sampleMs,
    async step(connection) {
      const rows = await ask(connection, sql, [], statementTimeoutMs, signal);
      const [total, server] = [Number(columnOf(rows, 'total')), Number(columnOf(rows, 'server'))];
      return { kind: 'total', total, server };
    },
  };
}

function lastOf(answers: unknown): unknown {
  return Array.isArray(answers) ? answers.at(-1) : undefined;
}

function writtenBy(rows: unknown): { server: number; seq?: number } {
  const seq = sequenceOf(columnOf(rows, 'gtid'));
  return { server: Number(columnOf(rows, 'server')), ...(seq === undefined ? {} : { seq }) };
}

await serveParent(startObserver);
