/** The events of a pair, as they happen, and page by page what was before. */

import { useEffect, useState } from 'preact/hooks';
import { live, readEvents } from '../session.ts';
import { messages } from '../settings.ts';
import { EventList } from './event-list.tsx';

/** `pair` null: of all pairs and of the coordinator. */
export function useEvents(pair: string | null): {
  readonly more: (() => void) | null;
  readonly error: string | null;
  /** The first page has come. */
  readonly read: boolean;
} {
  const [come, setCome] = useState(false);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const read = (cursor: string | null): void => {
    readEvents(pair, cursor).then(
      (page) => {
        setNext(page);
        setCome(true);
      },
      (thrown: unknown) => setError(thrown instanceof Error ? thrown.message : String(thrown)),
    );
  };
  useEffect(() => read(null), [pair]);
  return { more: next === null ? null : () => read(next), error, read: come };
}

export function PairEvents({ pair }: { readonly pair: string }) {
  const { pair: words } = messages.value;
  const { more, error, read } = useEvents(pair);
  const events = live.value.events.filter((event) => event.pair === pair);
  return (
    <section aria-labelledby="events">
      <h2 id="events">{words.events}</h2>
      {events.length === 0 ? (
        <p class="empty">{error ?? (read ? words.noEvents : '…')}</p>
      ) : (
        <EventList events={events} />
      )}
      {more !== null && (
        <button type="button" onClick={more}>
          {words.more}
        </button>
      )}
    </section>
  );
}
