/** One open alert: what it is about, since when, and who has it; taking it on stands behind a confirmation. */

import { useState } from 'preact/hooks';
import type { AlertView } from '../../../shared/api/alerts.ts';
import { inLanguage } from '../model/in-language.ts';
import { renderPlace } from '../model/route.ts';
import { dateAndTime } from '../model/units.ts';
import { live, may } from '../session.ts';
import { language, messages } from '../settings.ts';
import { AlertDialog } from './alert-dialog.tsx';

interface Props {
  readonly alert: AlertView;
  /** Among those of several pairs: it leads to its own. */
  readonly link?: boolean;
  readonly onTaken: () => void;
}

export function AlertItem({ alert, link = false, onTaken }: Props) {
  const { alerts: words, severities, since, deeds } = messages.value;
  const [asked, setAsked] = useState(false);
  const { severity, pair, title, acknowledged, acknowledgedBy } = inLanguage(alert, language.value);
  const known = link && live.value.pairs.some(({ name }) => name === pair);
  return (
    <li class={`finding finding-${severity}`}>
      <p class="finding-head">
        <span class="finding-severity">
          {words.alert} · {severities[severity]}
        </span>{' '}
        {known && <a href={renderPlace({ at: 'pair', pair })}>{pair}</a>}
      </p>
      <p>{title}</p>
      <p class="todo">
        {since(dateAndTime(alert.since, language.value))}
        {' · '}
        {acknowledged === null
          ? words.nobody
          : words.takenBy(
              acknowledgedBy ?? messages.value.unknown,
              dateAndTime(acknowledged, language.value),
            )}
      </p>
      {acknowledged === null && (
        <button
          type="button"
          disabled={!may('operator')}
          title={may('operator') ? undefined : deeds.needs('operator')}
          onClick={() => setAsked(true)}
        >
          {words.acknowledge}
        </button>
      )}
      {asked && <AlertDialog alert={alert} onTaken={onTaken} onClose={() => setAsked(false)} />}
    </li>
  );
}
