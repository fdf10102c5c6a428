/** The load client: so many connections that write rows through one address. */

import { formatEvent, type HistoryEvent } from './history.ts';
import { RecordFile } from './record-file.ts';
import type { LoadCounters, LoadSettings } from './settings.ts';
import { serveParent, type Work } from './worker-process.ts';
import { runWriter } from './writer.ts';

function startClient(settings: LoadSettings): Work {
  const file = new RecordFile(settings.historyFile);
  const ending = new AbortController();
  const state = {
    acknowledged: 0,
    failed: 0,
    unknown: 0,
    lastAckAt: null as number | null,
    lastServer: null as number | null,
    lastError: null as string | null,
  };
  let id = settings.firstId;
  const record = (event: HistoryEvent): void => {
    file.add(formatEvent(event));
    count(state, event);
  };
  const writers = Array.from({ length: settings.connections }, (_, writer) =>
    runWriter({ settings, writer, nextId: () => id++, record, signal: ending.signal }),
  );
  return {
    counters: () => state,
    stop: async () => {
      ending.abort();
      await Promise.all(writers);
      file.close();
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

await serveParent(startClient);
