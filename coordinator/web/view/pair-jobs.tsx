/** What was asked of a pair lately, and what became of it. */

import type { JobHead } from '../../../shared/api/jobs.ts';
import { dateAndTime } from '../model/units.ts';
import { live, session } from '../session.ts';
import { language, messages } from '../settings.ts';
import { useReading } from './use-reading.ts';
import { wordFor } from './words.ts';

const MOST = 8;

export function PairJobs({ pair }: { readonly pair: string }) {
  const { pair: words, deeds, job: jobWords } = messages.value;
  const { value, error } = useReading(() => session.peek()?.client.jobs(pair), [pair]);
  const told = live.value.jobs.filter((job) => job.pair === pair);
  const jobs = newestFirst([
    ...told,
    ...(value ?? []).filter(({ id }) => !told.some((job) => job.id === id)),
  ]);
  return (
    <section class="panel" aria-labelledby="jobs">
      <h2 id="jobs">{words.jobs}</h2>
      {jobs.length === 0 ? (
        <p class="empty">{error ?? (value === null ? '…' : words.noJobs)}</p>
      ) : (
        <ul class="jobs">
          {jobs.map(({ id, command, dryRun, actor, state, created }) => (
            <li key={id}>
              <span>
                {wordFor(deeds.names, command)}
                {dryRun && <span class="under-inline"> ({jobWords.dryRun})</span>}
              </span>
              <span class={`job-state job-${state}`}>{jobWords.states[state]}</span>
              <span class="under">
                {dateAndTime(created, language.value)} {jobWords.by(actor)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function newestFirst(jobs: readonly JobHead[]): JobHead[] {
  return jobs.toSorted((a, b) => Number(b.id) - Number(a.id)).slice(0, MOST);
}
