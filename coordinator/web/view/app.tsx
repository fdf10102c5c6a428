/** The whole page: signing in, or the header and the place where one is. */

import { useEffect } from 'preact/hooks';
import { connection, entering, live, place, session } from '../session.ts';
import { messages } from '../settings.ts';
import { ConfigPage } from './config-page.tsx';
import { EventsPage } from './events-page.tsx';
import { Header } from './header.tsx';
import { Login } from './login.tsx';
import { OutagePage } from './outage-page.tsx';
import { Overview } from './overview.tsx';
import { PairPage } from './pair-page.tsx';
import { RunPageOf, RunsPage } from './runs-page.tsx';

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
  if (at.at === 'pair') return <PairPage key={at.pair} name={at.pair} />;
  if (at.at === 'config') return <ConfigPage key={at.pair} pair={at.pair} />;
  if (at.at === 'runs') return <RunsPage key={at.pair} pair={at.pair} />;
  if (at.at === 'run') return <RunPageOf key={at.run} pair={at.pair} run={at.run} />;
  return <OutagePage key={`${at.pair}/${at.outage}`} pair={at.pair} outage={at.outage} />;
}
