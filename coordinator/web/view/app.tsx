/** The whole page: signing in, or the header and the place where one is. */

import { useEffect } from 'preact/hooks';
import { connection, entering, live, place, session } from '../session.ts';
import { messages } from '../settings.ts';
import { EventsPage } from './events-page.tsx';
import { Header } from './header.tsx';
import { Login } from './login.tsx';
import { OutagePage } from './outage-page.tsx';
import { Overview } from './overview.tsx';
import { PairPage } from './pair-page.tsx';

export function App() {
  const { value: words } = messages;
  if (session.value === null)
    return entering.value ? <p class="boot">{words.header.connecting}</p> : <Login />;
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to a place on the page, but the address says where in the console */}
      <a class="skip" href="#main" onClick={focusMain}>
        {words.skip}
      </a>
      <Header />
      <main id="main" tabIndex={-1} class={connection.value === 'stale' ? 'is-stale' : ''}>
        <Content />
      </main>
    </>
  );
}

/** The address after the # says where one is: the link must not change it. */
function focusMain(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

function Content() {
  const { value: at } = place;
  useEffect(() => {
    const where = 'pair' in at ? `${at.pair} · ` : '';
    document.title = `${where}${messages.value.title}`;
    scrollTo(0, 0);
  }, [at]);
  if (at.at === 'events') return <EventsPage />;
  if (at.at === 'pairs') return <Overview pairs={live.value.pairs} />;
  return at.at === 'pair' ? (
    <PairPage key={at.pair} name={at.pair} />
  ) : (
    <OutagePage key={`${at.pair}/${at.outage}`} pair={at.pair} outage={at.outage} />
  );
}
