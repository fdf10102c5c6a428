/** How a job goes on, and how it ended; of a dry run, what the daemon says to it. */

import { linesOf } from '../model/job-view.ts';
import { messages } from '../settings.ts';
import type { Followed } from './use-job.ts';

const SIGNS = { running: '…', done: '✓', failed: '✕', line: '' } as const;

export function JobProgressList({
  followed,
  doing,
}: {
  readonly followed: Followed;
  readonly doing: boolean;
}) {
  const { deeds: words } = messages.value;
  const lines = linesOf(followed.progress);
  return (
    <section class="job-progress" aria-live="polite">
      <h3>{doing ? words.progress : words.dryRun}</h3>
      {lines.length > 0 && (
        <ul>
          {lines.map(({ key, task, title, detail, state }) => (
            <li key={key} class={`line-${state}`}>
              <span aria-hidden="true">{SIGNS[state]}</span>
              <span lang={task === null ? 'en' : undefined}>
                {messages.value.task(task, title)}
                {detail !== '' && (
                  <span class="under" lang="en">
                    {' '}
                    {detail}
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Outcome followed={followed} doing={doing} />
    </section>
  );
}

function Outcome({
  followed: { job, refusal },
  doing,
}: {
  readonly followed: Followed;
  readonly doing: boolean;
}) {
  const { deeds: words, job: jobWords } = messages.value;
  const said = refusal ?? job?.problem ?? null;
  const translated = said === null ? undefined : messages.value.problem(said.code);
  if (said !== null)
    return (
      <div class="outcome outcome-bad">
        <p>
          <strong>
            {job === null || job.state === 'refused' ? words.dryRunRefused : jobWords.states[job.state]}:
          </strong>{' '}
          {translated?.meaning} <span lang="en">{said.detail}</span>
        </p>
        {said.remedy !== '' && (
          <p>
            <strong>{words.remedy}:</strong> {translated?.remedy ?? <span lang="en">{said.remedy}</span>}
          </p>
        )}
      </div>
    );
  if (job === null || job.state === 'running')
    return <p class="outcome">{doing ? words.running : words.dryRunning}</p>;
  return (
    <p class="outcome outcome-good">
      {doing ? words.succeeded : words.dryRunOk}{' '}
      {!doing && job.question !== null && <span lang="en">{job.question}</span>}
    </p>
  );
}
