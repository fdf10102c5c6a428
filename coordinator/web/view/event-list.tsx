/** Events, newest first. */

import type { EventView } from '../../../shared/api/history.ts';
import { inLanguage } from '../model/in-language.ts';
import { renderPlace } from '../model/route.ts';
import { dateAndTime } from '../model/units.ts';
import { language, messages } from '../settings.ts';
import { wordFor } from './words.ts';

interface Props {
  readonly events: readonly EventView[];
  /** Of several pairs: each says of which one it is. */
  readonly pairs?: boolean;
}

const NO_PAIR = '-';

export function EventList({ events, pairs = false }: Props) {
  const { severities, events: words, eventKinds } = messages.value;
  return (
    <ol class={pairs ? 'events events-of-all' : 'events'}>
      {events
        .map((event) => inLanguage(event, language.value))
        .map(({ id, time, pair, kind, severity, message }) => (
          <li key={id} class={`event event-${severity}`}>
            <time dateTime={new Date(time).toISOString()}>{dateAndTime(time, language.value)}</time>
            {pairs &&
              (pair === NO_PAIR ? (
                <span>{words.daemon}</span>
              ) : (
                <a href={renderPlace({ at: 'pair', pair })}>{pair}</a>
              ))}
            <span class="event-severity">{severities[severity]}</span>
            <span class="event-kind">{wordFor(eventKinds, kind)}</span>
            <span class="event-message">{message}</span>
          </li>
        ))}
    </ol>
  );
}
