/** The observer of a pair as its parent sees it. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type HistoryEvent, parseHistory } from './history.ts';
import { type Observation, parseObservations } from './observations.ts';
import type { ObserverSettings } from './observer-settings.ts';
import { Worker } from './worker.ts';

export interface Observer extends AsyncDisposable {
  stop(): Promise<{
    readonly probes: readonly HistoryEvent[];
    readonly observations: readonly Observation[];
  }>;
}

const program = fileURLToPath(new URL('./observer-process.ts', import.meta.url));

export function startObserver(enter: readonly string[], settings: ObserverSettings): Observer {
  const worker = new Worker<object>(enter, program, settings);
  return {
    async stop() {
      await worker.ask('stop');
      return {
        probes: parseHistory(readFileSync(settings.historyFile, 'utf8')),
        observations: parseObservations(readFileSync(settings.observationFile, 'utf8')),
      };
    },
    async [Symbol.asyncDispose]() {
      worker.kill();
    },
  };
}
