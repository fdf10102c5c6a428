/** What a command says when it runs as a job: its progress and its lines become entries, its document the result. */

import { stripVTControlCharacters } from 'node:util';
import type { JobProgress } from '../../shared/api/jobs.ts';
import { alignColumns, type Output, printable, type Style } from '../cli/output.ts';
import type { Progress } from '../cli/progress.ts';

export type JobEntry = Omit<JobProgress, 'seq' | 'time'>;

const same = (text: string): string => text;
const PLAIN: Style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };

export interface JobOutput {
  readonly output: Output;
  /** The document of the command; undefined where it made none. */
  readonly document: () => unknown;
}

export function createJobOutput(say: (entry: JobEntry) => void): JobOutput {
  let document: unknown;
  const line = (text = ''): void => {
    const clean = stripVTControlCharacters(printable(text)).trim();
    if (clean !== '') say({ task: null, parent: null, state: 'line', text: clean });
  };
  const output: Output = {
    ...{ mode: 'plain', style: PLAIN, line, warn: line },
    table: (rows) => {
      for (const row of alignColumns(rows)) line(row);
    },
    result: (given) => {
      document = given;
    },
    record: () => undefined,
    progress: () => createJobProgress(say),
  };
  return { output, document: () => document };
}

function createJobProgress(say: (entry: JobEntry) => void): Progress {
  return {
    task(id, title, parent = undefined) {
      const entry = (state: JobEntry['state'], text: string): void =>
        say({ task: id, parent: parent ?? null, state, text });
      entry('started', title);
      return {
        update: (message) => entry('updated', message),
        done: (outcome, detail = '') => entry('done', detail === '' ? outcome : detail),
        fail: (message) => entry('failed', message),
      };
    },
    end: () => undefined,
  };
}
