/** All pairs at a glance, worst first. */

import { useState } from 'preact/hooks';
import type { PairSummary } from '../../../shared/api/pair-view.ts';
import { inLanguage, withoutGrade } from '../model/in-language.ts';
import { countGrades, findPairs } from '../model/overview.ts';
import { renderPlace } from '../model/route.ts';
import { duration, number } from '../model/units.ts';
import { language, messages } from '../settings.ts';
import { Grade } from './grade.tsx';
import { OpenAlerts } from './open-alerts.tsx';
import { useAlerts } from './use-alerts.ts';

/** With fewer a list needs no search. */
const MANY = 8;
const DAY_MS = 86_400_000;

export function Overview({ pairs }: { readonly pairs: readonly PairSummary[] }) {
  const { pairs: words, alerts: alertWords } = messages.value;
  const alerts = useAlerts(null);
  const open = alerts.value?.length ?? 0;
  const [text, setText] = useState('');
  const found = findPairs(pairs, text);
  return (
    <>
      <div class="heading">
        <h1>{words.heading}</h1>
        <ul class="counts">
          {countGrades(pairs)
            .filter(({ count }) => count > 0)
            .map(({ grade, count }) => (
              <li key={grade}>
                <Grade grade={grade} /> <strong>{count}</strong>
              </li>
            ))}
        </ul>
        {open > 0 && (
          <button type="button" class="to-alerts" onClick={showAlerts}>
            {alertWords.open(open)}
          </button>
        )}
        {pairs.length >= MANY && (
          <input
            {...{ type: 'search', name: 'find', value: text, placeholder: words.find }}
            aria-label={words.find}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        )}
      </div>
      {found.length === 0 ? (
        <p class="empty">{pairs.length === 0 ? words.empty : words.nothingFound}</p>
      ) : (
        <PairTable pairs={found} />
      )}
      <OpenAlerts alerts={alerts} />
    </>
  );
}

function showAlerts(): void {
  const section = document.querySelector<HTMLElement>('#open-alerts');
  section?.focus();
  section?.scrollIntoView();
}

function PairTable({ pairs }: { readonly pairs: readonly PairSummary[] }) {
  const { columns } = messages.value.pairs;
  return (
    <table class="pairs">
      <thead>
        <tr>
          <th scope="col">{columns.pair}</th>
          <th scope="col">{columns.state}</th>
          <th scope="col">{columns.primary}</th>
          <th scope="col">{columns.protection}</th>
          <th scope="col" class="figure">
            {columns.lag}
          </th>
          <th scope="col" class="figure">
            {columns.commits}
          </th>
        </tr>
      </thead>
      <tbody>
        {pairs.map((pair) => (
          <PairRow key={pair.name} pair={pair} />
        ))}
      </tbody>
    </table>
  );
}

function PairRow({ pair }: { readonly pair: PairSummary }) {
  const { pairs: words, modes } = messages.value;
  const { name, grade, primary, hostNames, vip, mode, lagSeconds, commitsPerSecond } = pair;
  const { headline } = inLanguage(pair, language.value);
  const outage = outageOfToday(pair);
  const standby = hostNames.find((host) => host !== primary);
  return (
    <tr class={`row-${grade}`}>
      <th scope="row">
        <a href={renderPlace({ at: 'pair', pair: name })}>{name}</a>
        <span class="under">{vip.replace(/\/\d+$/, '')}</span>
      </th>
      <td class="state">
        <Grade grade={grade} />
        <span class="under" title={headline}>
          {withoutGrade(headline, name)}
        </span>
        {outage !== null && (
          <span class="under">{words.lastOutage(messages.value.ago(duration(outage, language.value)))}</span>
        )}
      </td>
      <td data-label={words.columns.primary}>
        {primary ?? <span class="bad">{words.noPrimary}</span>}
        <span class="under">{primary === null ? hostNames.join(', ') : `→ ${standby}`}</span>
      </td>
      <td data-label={words.columns.protection}>
        <span class={`mode-word mode-${mode ?? 'none'}`}>{mode === null ? modes.none : modes[mode]}</span>
      </td>
      <td class="figure" data-label={words.columns.lag}>
        {lagSeconds === null ? '–' : duration(lagSeconds * 1000, language.value)}
      </td>
      <td class="figure" data-label={words.columns.commits}>
        {commitsPerSecond === null ? '–' : number(commitsPerSecond, language.value)}
      </td>
    </tr>
  );
}

/** How long ago the last outage ended, ms; after a day it is history. */
function outageOfToday({ lastOutage }: PairSummary): number | null {
  const age = lastOutage === null ? DAY_MS : Math.max(0, Date.now() - lastOutage);
  return age < DAY_MS ? age : null;
}
