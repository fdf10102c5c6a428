/** The head of every page: where one can go, whether what is shown is live, who is signed in. */

import { renderPlace } from '../model/route.ts';
import { clock } from '../model/units.ts';
import { connection, heardAt, place, session, signOut } from '../session.ts';
import { language, messages } from '../settings.ts';
import { Preferences } from './preferences.tsx';

export function Header() {
  const { header, title } = messages.value;
  const at = place.value.at;
  const { name = '', role = 'viewer' } = session.value ?? {};
  return (
    <header class="top">
      <a class="brand" href={renderPlace({ at: 'pairs' })}>
        <img src="/console/icon.svg" alt="" width="24" height="24" />
        {title}
      </a>
      <nav aria-label={header.main}>
        <a href={renderPlace({ at: 'pairs' })} aria-current={at === 'pairs' ? 'page' : undefined}>
          {header.pairs}
        </a>
        <a href={renderPlace({ at: 'events' })} aria-current={at === 'events' ? 'page' : undefined}>
          {header.events}
        </a>
      </nav>
      <LiveSign />
      <Preferences />
      <span class="who">{header.as(name, role)}</span>
      <button type="button" onClick={() => signOut()}>
        {header.signOut}
      </button>
    </header>
  );
}

function LiveSign() {
  const { header } = messages.value;
  const words = {
    live: header.live,
    connecting: header.connecting,
    stale: header.stale(clock(heardAt.value, language.value)),
  };
  const hint = connection.value === 'stale' ? header.staleHint : undefined;
  return (
    <p class={`live-sign live-${connection.value}`} role="status" title={hint}>
      <span class="live-dot" aria-hidden="true" />
      {words[connection.value]}
    </p>
  );
}
