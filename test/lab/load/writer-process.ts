/**
 * The load client: reads its settings from the first line of standard input (a password has no place in argv), writes
 * until it reads `stop` or the end of its input, and answers `counters` with one line of JSON.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { formatEvent, type HistoryEvent } from './history.ts';
import type { LoadAnswer, LoadCounters, LoadSettings } from './settings.ts';
import { runWriter } from './writer.ts';

const flushMs = 20;

function startClient(settings: LoadSettings): { counters: () => LoadCounters; stop: () => Promise<void> } {
  const file = openSync(settings.historyFile, 'a', 0o600);
  const ending = new AbortController();
  const state = {
    acknowledged: 0,
    failed: 0,
    unknown: 0,
    lastAckAt: null as number | null,
    lastServer: null as number | null,
    lastError: null as string | null,
  };
  let pending = '';
  let id = settings.firstId;
  const flush = (): void => {
    if (pending !== '') writeSync(file, pending);
    pending = '';
  };
  const record = (event: HistoryEvent): void => {
    pending += formatEvent(event);
    count(state, event);
  };
  const timer = setInterval(flush, flushMs);
  const writers = Array.from({ length: settings.connections }, (_, writer) =>
    runWriter({ settings, writer, nextId: () => id++, record, signal: ending.signal }),
  );
  return {
    counters: () => ({ ...state }),
    stop: async () => {
      ending.abort();
      await Promise.all(writers);
      clearInterval(timer);
      flush();
      closeSync(file);
    },
  };
}

function count(state: { -readonly [K in keyof LoadCounters]: LoadCounters[K] }, event: HistoryEvent): void {
  if (event.type === 'invoke') return;
  if (event.type === 'ok') {
    state.acknowledged += 1;
    state.lastAckAt = event.at;
    state.lastServer = event.server;
    return;
  }
  if (event.type === 'fail') state.failed += 1;
  else state.unknown += 1;
  state.lastError = event.error;
}

function answer(message: LoadAnswer): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function main(): Promise<void> {
  process.on('SIGINT', () => undefined); // Ctrl-C on a terminal reaches the whole group; the parent says when to end.
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error('expected the settings as one line of JSON on standard input');
  const settings: LoadSettings = JSON.parse(first.value);
  const client = startClient(settings);
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    if (line.value === 'stop') break;
    if (line.value === 'counters') answer({ counters: client.counters() });
  }
  await client.stop();
  answer({ done: client.counters() });
  process.stdin.destroy();
}

await main();
