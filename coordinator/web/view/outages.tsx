/** The times without the VIP, newest first; each one leads to its replay. */

import type { OutageView } from '../../../shared/api/history.ts';
import type { PairDetail } from '../../../shared/api/pair-view.ts';
import { renderPlace } from '../model/route.ts';
import { dateAndTime } from '../model/units.ts';
import { live, session } from '../session.ts';
import { language, messages } from '../settings.ts';
import { Because } from './because.tsx';
import { OutageGap } from './outage-gap.tsx';
import { useReading } from './use-reading.ts';

export function Outages({ pair: { name } }: { readonly pair: PairDetail }) {
  const { pair: words } = messages.value;
  // A move of the VIP that is told is an outage that has ended.
  const newest = live.value.events.find(
    ({ pair, kind }) => pair === name && (kind === 'VipMoved' || kind === 'VipRestored'),
  )?.id;
  const { value, error } = useReading(
    () => session.peek()?.client.outages(name),
    [name, newest, live.value.decisions],
  );
  return (
    <section class="panel" aria-labelledby="outages">
      <h2 id="outages">{words.outages}</h2>
      {value === null || value.length === 0 ? (
        <p class="empty">{error ?? (value === null ? '…' : words.noOutages)}</p>
      ) : (
        <ul class="outages">
          {value.map((outage) => (
            <Outage key={outage.id} pair={name} outage={outage} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Outage({ pair, outage }: { readonly pair: string; readonly outage: OutageView }) {
  const { outage: words } = messages.value;
  const { id, from, to, ended, cause, because } = outage;
  return (
    <li>
      <a href={renderPlace({ at: 'outage', pair, outage: String(id) })}>
        <span class="outage-what">{from === to ? words.stayed(from) : words.moved(from, to)}</span>
        <span class={`cause cause-${cause}`}>{words.causes[cause]}</span>
      </a>
      <span class="outage-gap">
        <OutageGap outage={outage} />
      </span>
      {because !== null && <Because because={because} />}
      <time class="under" dateTime={new Date(ended).toISOString()}>
        {dateAndTime(ended, language.value)}
      </time>
    </li>
  );
}
