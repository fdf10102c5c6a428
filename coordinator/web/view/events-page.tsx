/** The events of all pairs and of the coordinator. */

import { useState } from 'preact/hooks';
import type { EventView } from '../../../shared/api/history.ts';
import { live } from '../session.ts';
import { messages } from '../settings.ts';
import { EventList } from './event-list.tsx';
import { useEvents } from './pair-events.tsx';

const SEVERITIES: readonly EventView['severity'][] = ['critical', 'warning', 'info', 'ok'];

export function EventsPage() {
  const { events: words, pair: more, severities } = messages.value;
  const [severity, setSeverity] = useState('');
  const earlier = useEvents(null);
  const events = live.value.events.filter((event) => severity === '' || event.severity === severity);
  return (
    <>
      <div class="heading">
        <h1>{words.heading}</h1>
        <select
          name="severity"
          aria-label={words.severity}
          value={severity}
          onChange={({ currentTarget }) => setSeverity(currentTarget.value)}
        >
          <option value="">{words.all}</option>
          {SEVERITIES.map((one) => (
            <option key={one} value={one}>
              {severities[one]}
            </option>
          ))}
        </select>
      </div>
      {events.length === 0 ? (
        <p class="empty">{earlier.error ?? (earlier.read ? words.empty : '…')}</p>
      ) : (
        <EventList events={events} pairs />
      )}
      {earlier.more !== null && (
        <button type="button" onClick={earlier.more}>
          {more.more}
        </button>
      )}
    </>
  );
}
