/** What people see of a step while it runs on both hosts, and what the journal keeps of it. */

import type { AppError } from '../../shared/errors/app-error.ts';
import type { Change } from '../../shared/protocol/actions.ts';
import type { Progress, ProgressTask } from '../cli/progress.ts';
import type { RunJournal } from './journal.ts';
import type { HostIndex, Step, StepId } from './step.ts';

export interface AppliedChange extends Change {
  readonly step: StepId;
  readonly host: string;
}

export interface TrackOptions {
  readonly progress: Progress;
  readonly journal: RunJournal;
}

/** Tells the progress display and the journal about one step on both hosts. */
export class StepTrack {
  readonly #step: Step;
  readonly #options: TrackOptions;
  readonly #words = new Map<string, string>();
  readonly #names: string[] = [];
  #task: ProgressTask | null = null;
  #startedAt = 0;
  #open = 2;
  #performed = 0;
  #changes: readonly AppliedChange[] = [];
  #failed = false;

  constructor(step: Step, options: TrackOptions) {
    this.#step = step;
    this.#options = options;
  }

  started(host: HostIndex, name: string): void {
    this.#names[host] = name;
    if (this.#task !== null) return;
    this.#startedAt = performance.now();
    this.#task = this.#options.progress.task(this.#step.id, this.#step.title);
  }

  says(host: HostIndex, message: string): void {
    this.#words.set(this.#names[host] ?? '', message);
    this.#task?.update(hostWords(this.#words));
  }

  /** `changes` is null where there was nothing to do from the start. */
  ended(host: HostIndex, changes: readonly AppliedChange[] | null): void {
    this.#words.delete(this.#names[host] ?? '');
    this.#open -= 1;
    if (changes !== null) this.#performed += 1;
    this.#changes = [...this.#changes, ...(changes ?? [])];
    if (this.#open > 0 || this.#failed) return;
    const count = this.#changes.length;
    this.#task?.done(count > 0 ? 'changed' : 'ok', count > 0 ? summarize(this.#changes) : '');
    this.#record(this.#performed === 0 ? 'skipped' : 'done', summarize(this.#changes));
  }

  failed(host: HostIndex, error: AppError): void {
    if (this.#failed) return;
    this.#failed = true;
    const task = this.#task ?? this.#options.progress.task(this.#step.id, this.#step.title);
    task.fail(firstLine(error.message));
    this.#record('failed', `${this.#names[host] ?? ''} ${error.code}: ${error.message}`.trim());
  }

  #record(outcome: 'done' | 'skipped' | 'failed', message: string): void {
    this.#options.journal.step({
      step: this.#step.id,
      outcome,
      changes: this.#changes.length,
      durationMs: this.#task === null ? 0 : performance.now() - this.#startedAt,
      message,
    });
  }
}

/** What each host does now; told once where they do the same. Pure. */
export function hostWords(words: ReadonlyMap<string, string>): string {
  return [...Map.groupBy(words, ([, text]) => text)]
    .map(
      ([text, hosts]) =>
        `${hosts
          .map(([name]) => name)
          .sort()
          .join(' and ')}: ${text}`,
    )
    .join(' · ');
}

function summarize(changes: readonly AppliedChange[]): string {
  if (changes.length === 0) return '';
  const hosts = [...new Set(changes.map(({ host }) => host))].sort().join(' and ');
  return `${changes.length} ${changes.length === 1 ? 'change' : 'changes'} on ${hosts}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
