/** What deploys and drills did to a pair, newest first; one of them with its journal, step by step. */

import { useEffect, useState } from 'preact/hooks';
import type { RunDetail, RunPage, RunView } from '../../../shared/api/history.ts';
import { renderPlace } from '../model/route.ts';
import { dateAndTime, duration } from '../model/units.ts';
import { session } from '../session.ts';
import { language, messages } from '../settings.ts';
import { PairHead } from './pair-head.tsx';
import { useReading } from './use-reading.ts';
import { wordFor } from './words.ts';

export function RunsPage({ pair }: { readonly pair: string }) {
  const { runs: words, pair: pairWords } = messages.value;
  const [cursor, setCursor] = useState<string | null>(null);
  const [runs, setRuns] = useState<readonly RunView[]>([]);
  const { value, error } = useReading(() => session.peek()?.client.runs(pair, cursor), [pair, cursor]);
  useEffect(() => {
    if (value !== null) setRuns((before) => withPage(before, value));
  }, [value]);
  const next = value?.next ?? null;
  return (
    <>
      <PairHead pair={pair} title={words.heading(pair)} />
      {runs.length === 0 ? (
        <p class="empty">{error ?? (value === null ? '…' : words.none)}</p>
      ) : (
        <ul class="panel jobs runs">
          {runs.map((run) => (
            <li key={run.id}>
              <a href={renderPlace({ at: 'run', pair, run: String(run.id) })}>{nameOf(run)}</a>
              <Outcome run={run} />
              <span class="under">{summaryOf(run)}</span>
            </li>
          ))}
        </ul>
      )}
      {next !== null && (
        <button type="button" onClick={() => setCursor(next)}>
          {pairWords.more}
        </button>
      )}
    </>
  );
}

export function RunPageOf({ pair, run: id }: { readonly pair: string; readonly run: string }) {
  const { runs: words } = messages.value;
  const { value, error } = useReading(() => session.peek()?.client.run(id), [id]);
  return (
    <>
      <PairHead pair={pair} title={value === null ? words.run(id) : nameOf(value.run)}>
        {value !== null && <Outcome run={value.run} />}
        {value !== null && <p class="headline">{summaryOf(value.run)}</p>}
      </PairHead>
      {value === null ? <p class="empty">{error ?? '…'}</p> : <Journal steps={value.steps} />}
    </>
  );
}

function Journal({ steps }: Pick<RunDetail, 'steps'>) {
  const { runs: words } = messages.value;
  if (steps.length === 0) return <p class="empty">{words.noSteps}</p>;
  return (
    <ol class="panel journal">
      {steps.map(({ step, outcome, changes, durationMs, message }, index) => (
        <li key={`${index} ${step}`}>
          <strong>{messages.value.task(step, step)}</strong>
          <span class={`journal-${outcome}`}>{words.stepOutcomes[outcome]}</span>
          <span class="under-inline">
            {duration(durationMs, language.value)}
            {changes > 0 && ` · ${words.changes(changes)}`}
          </span>
          <span class="journal-message" lang="en">
            {message}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Outcome({ run: { outcome } }: { readonly run: RunView }) {
  const { outcomes } = messages.value.runs;
  return <span class={`job-state job-${outcome ?? 'running'}`}>{outcomes[outcome ?? 'running']}</span>;
}

const nameOf = ({ id, command }: RunView): string =>
  `${wordFor(messages.value.runs.commands, command)} ${id}`;

/** When it was, how long it took, and how much it changed. */
function summaryOf({ started, ended, changes }: RunView): string {
  const { runs: words } = messages.value;
  const parts = [dateAndTime(started, language.value)];
  if (ended !== null) parts.push(duration(ended - started, language.value));
  if (changes !== null) parts.push(words.changes(changes));
  return parts.join(' · ');
}

function withPage(before: readonly RunView[], { runs }: RunPage): readonly RunView[] {
  return [...before, ...runs.filter(({ id }) => !before.some((run) => run.id === id))];
}
