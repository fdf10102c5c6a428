/**
 * What the live feed has told so far. Pure. A state of a pair replaces the one before; events and jobs join what is known,
 * each once, newest first, and no more of them than a page shows.
 */

import type { EventView } from '../../../shared/api/history.ts';
import type { JobHead } from '../../../shared/api/jobs.ts';
import type { LiveMessage } from '../../../shared/api/live.ts';
import type { PairDetail, PairSummary } from '../../../shared/api/pair-view.ts';
import { worstFirst } from './overview.ts';

export interface LiveState {
  readonly pairs: readonly PairSummary[];
  /** The pair that is watched. */
  readonly detail: PairDetail | null;
  readonly events: readonly EventView[];
  readonly jobs: readonly JobHead[];
  /** How often decisions of a guard came in since the page was opened. */
  readonly decisions: number;
  /** Id of the newest event that is known; what came later is asked for after an interruption. */
  readonly lastEvent: number | null;
}

export const NOTHING_HEARD: LiveState = {
  ...{ pairs: [], detail: null, events: [], jobs: [] },
  ...{ decisions: 0, lastEvent: null },
};
const MOST_EVENTS = 500;
const MOST_JOBS = 100;

export function hearMessage(state: LiveState, message: LiveMessage): LiveState {
  switch (message.type) {
    case 'ready':
      return {
        ...state,
        pairs: worstFirst(message.pairs),
        // A store that was begun anew counts from the beginning again.
        lastEvent: Math.min(state.lastEvent ?? message.lastEvent, message.lastEvent),
      };
    case 'pairs':
      return { ...state, pairs: mergePairs(state.pairs, message.pairs) };
    case 'pair':
      return { ...state, detail: message.pair };
    case 'event':
      return hearEvents(state, [message.event]);
    case 'decisions':
      return { ...state, decisions: state.decisions + 1 };
    case 'job':
      return { ...state, jobs: withJob(state.jobs, message.job) };
    case 'tick':
    case 'bye':
      return state;
  }
}

/** What is told again has been corrected. */
export function hearEvents(state: LiveState, events: readonly EventView[]): LiveState {
  if (events.length === 0) return state;
  const others = state.events.filter(({ id }) => !events.some((told) => told.id === id));
  const all = [...events, ...others].toSorted((a, b) => b.id - a.id).slice(0, MOST_EVENTS);
  return { ...state, events: all, lastEvent: Math.max(state.lastEvent ?? 0, all[0]?.id ?? 0) };
}

function mergePairs(known: readonly PairSummary[], told: readonly PairSummary[]): readonly PairSummary[] {
  const names = new Set(told.map(({ name }) => name));
  return worstFirst([...known.filter(({ name }) => !names.has(name)), ...told]);
}

function withJob(jobs: readonly JobHead[], job: JobHead): readonly JobHead[] {
  const others = jobs.filter(({ id }) => id !== job.id);
  return [job, ...others].toSorted((a, b) => Number(b.id) - Number(a.id)).slice(0, MOST_JOBS);
}
