/** The record of a deploy run, for people who ask later what was done. Nothing resumes from it. */

import type { RunLog, RunOutcome, RunStep } from '../store/runs.ts';

export interface RunJournal {
  step(step: RunStep): void;
  end(outcome: RunOutcome, changes: number): void;
}

export const SILENT_JOURNAL: RunJournal = { step: () => undefined, end: () => undefined };

/** A run in the coordinator's store; begun at once, so that a run that was killed is there without an end. */
export function storeJournal(runs: RunLog, command: string, pair: string): RunJournal {
  const id = runs.begin(command, pair);
  return {
    step: (step) => runs.step(id, step),
    end: (outcome, changes) => runs.end(id, outcome, changes),
  };
}
