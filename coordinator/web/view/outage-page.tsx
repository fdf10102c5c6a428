/** One outage: what happened in a few lines, the replay with its picture, and every step with its reason. */

import { useState } from 'preact/hooks';
import type { OutageDetail } from '../../../shared/api/history.ts';
import { inLanguage } from '../model/in-language.ts';
import { firstStep, pictureAt, type ReplayStep, replaySteps } from '../model/replay.ts';
import { renderPlace } from '../model/route.ts';
import { dateAndTime } from '../model/units.ts';
import { live, session } from '../session.ts';
import { language, messages } from '../settings.ts';
import { Because } from './because.tsx';
import { OutageGap } from './outage-gap.tsx';
import { OutagePhases } from './outage-phases.tsx';
import { Picture } from './picture.tsx';
import { Player } from './player.tsx';
import { StepDetail } from './step-detail.tsx';
import { Timeline } from './timeline.tsx';
import { useReading } from './use-reading.ts';

export function OutagePage({ pair, outage }: { readonly pair: string; readonly outage: string }) {
  const { outage: words } = messages.value;
  // What belongs to an outage may come in after it was told: the decisions of a host come with its heartbeats.
  const keys = [pair, outage, live.value.decisions];
  const { value, error } = useReading(() => session.peek()?.client.outage(pair, outage), keys);
  return (
    <>
      <p class="crumbs">
        <a href={renderPlace({ at: 'pairs' })}>{messages.value.header.pairs}</a> /{' '}
        <a href={renderPlace({ at: 'pair', pair })}>{pair}</a>
      </p>
      {value === null ? (
        <p class="empty">{error ?? words.loading}</p>
      ) : (
        <Content pair={pair} detail={value} />
      )}
    </>
  );
}

function Content({ pair, detail }: { readonly pair: string; readonly detail: OutageDetail }) {
  const { outage: words } = messages.value;
  const { from, to, ended, cause, because } = detail.outage;
  return (
    <>
      <div class="heading">
        <h1>{from === to ? words.headingStayed(from) : words.heading(from, to)}</h1>
        <span class={`cause cause-${cause}`}>{words.causes[cause]}</span>
        <p class="headline">
          {dateAndTime(ended, language.value)} ·{' '}
          <strong>
            <OutageGap outage={detail.outage} />
          </strong>
        </p>
        {because !== null && (
          <p class="headline">
            <Because because={because} />
          </p>
        )}
      </div>
      <div class="story">
        <section class="panel" aria-labelledby="story">
          <h2 id="story">{words.story}</h2>
          <ul>
            {inLanguage(detail, language.value).explanation.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </section>
        <OutagePhases outage={detail.outage} />
      </div>
      {detail.timeline.length === 0 ? (
        <p class="empty">{words.nothing}</p>
      ) : (
        <Replay pair={pair} detail={detail} />
      )}
    </>
  );
}

function Replay({ pair, detail }: { readonly pair: string; readonly detail: OutageDetail }) {
  const { outage: words } = messages.value;
  const steps = replaySteps(detail);
  const [chosen, choose] = useState<string | null>(null);
  // By its name: further steps may come before it.
  const found = steps.findIndex((step) => nameOf(step) === chosen);
  const at = found === -1 ? firstStep(steps) : found;
  const setAt = (index: number): void => {
    const step = steps[index];
    if (step !== undefined) choose(nameOf(step));
  };
  const known = live.value.detail?.name === pair ? live.value.detail : null;
  const summary = live.value.pairs.find(({ name }) => name === pair);
  const hosts = known?.hostNames ?? summary?.hostNames ?? hostsOf(detail);
  const addresses = known?.hosts.map(({ address }) => address) ?? [];
  const about = { hosts, addresses: [addresses[0] ?? '', addresses[1] ?? ''] as const };
  const vip = (summary?.vip ?? '').replace(/\/\d+$/, '');
  const step = steps[at];
  return (
    <>
      <div class="replay">
        <section class="panel picture-panel" aria-label={words.player}>
          <Picture picture={pictureAt(detail, at, about, vip)} links={false} />
          <Player steps={steps} at={at} go={setAt} />
        </section>
        {step !== undefined && <StepDetail step={step} index={at} count={steps.length} />}
      </div>
      <Timeline {...{ steps, hosts, at }} go={setAt} />
    </>
  );
}

const nameOf = ({ entry }: ReplayStep): string => `${entry.observer} ${entry.type} ${entry.id}`;

/** Where the pair is not known any more. */
function hostsOf({ outage: { from, to }, timeline }: OutageDetail): readonly [string, string] {
  const other = timeline.find(({ host }) => host !== null && host !== from)?.host ?? to;
  return from === to ? [from, other] : ([from, to].toSorted() as [string, string]);
}
