/** How a pair is meant to be, its last deploy, and what differs from that on its hosts. */

import type { ComponentChildren } from 'preact';
import type { PairConfig } from '../../../shared/api/pair-config.ts';
import { renderPlace } from '../model/route.ts';
import { dateAndTime, duration } from '../model/units.ts';
import { live, session } from '../session.ts';
import { language, messages } from '../settings.ts';
import { PairHead } from './pair-head.tsx';
import { useReading } from './use-reading.ts';

const KINDS: readonly string[] = [
  'ConfigDrift',
  'ConfigRestored',
  'DeployFinished',
  'AgentLost',
  'AgentBack',
];

export function ConfigPage({ pair }: { readonly pair: string }) {
  const { config: words } = messages.value;
  const newest = live.value.events.find((event) => event.pair === pair && KINDS.includes(event.kind))?.id;
  const { value, error } = useReading(() => session.peek()?.client.config(pair), [pair, newest]);
  return (
    <>
      <PairHead pair={pair} title={words.heading(pair)}>
        {value !== null && <p class="headline">{words.lastDeploy(deployOf(value))}</p>}
      </PairHead>
      {value === null ? <p class="empty">{error ?? '…'}</p> : <Content config={value} />}
    </>
  );
}

function deployOf({ lastDeploy }: PairConfig): string {
  const { config: words, runs } = messages.value;
  if (lastDeploy === null) return words.never;
  const outcome = runs.outcomes[lastDeploy.outcome ?? 'running'];
  return `${dateAndTime(lastDeploy.started, language.value)} (${outcome})`;
}

function Content({ config }: { readonly config: PairConfig }) {
  const { config: words, pair: pairWords } = messages.value;
  return (
    <>
      <section aria-labelledby="drift">
        <h2 id="drift">{words.drift}</h2>
        <div class="hosts">
          {config.hosts.map((host) => (
            <Host key={host.name} host={host} />
          ))}
        </div>
      </section>
      <section class="panel" aria-labelledby="file">
        <h2 id="file">{words.file}</h2>
        <Facts config={config} />
        <p>
          <a href={renderPlace({ at: 'runs', pair: config.pair })}>{pairWords.runs}</a>
        </p>
      </section>
    </>
  );
}

function Host({
  host: { name, address, interface: device, drift },
}: {
  readonly host: PairConfig['hosts'][number];
}) {
  const { config: words, host: hostWords, unknown } = messages.value;
  const head =
    drift === null ? unknown : drift.length === 0 ? hostWords.asDeployed : hostWords.changed(drift.length);
  return (
    <article class="panel host-panel">
      <h3>
        {name}{' '}
        <span class="under">
          {address} · {device}
        </span>
        <span class={drift !== null && drift.length === 0 ? 'heard' : 'heard bad'}>{head}</span>
      </h3>
      {drift !== null && drift.length > 0 && (
        <ul class="drift">
          {drift.map(({ path, how }) => (
            <li key={path}>
              <code>{path}</code> <span class="bad">{words.how[how]}</span>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}

function Facts({ config: { vip, protection, fence, database, vrrp } }: { readonly config: PairConfig }) {
  const { config: words } = messages.value;
  const { application, settings } = database;
  return (
    <dl class="facts">
      <Fact name="VIP">{vip}</Fact>
      <Fact name={words.protection}>{words.protections[protection]}</Fact>
      <Fact name={words.fence}>{words.fences[fence]}</Fact>
      <Fact name={words.server}>{words.port(database.flavor, database.port)}</Fact>
      <Fact name="VRRP">
        {words.vrrp(vrrp.virtualRouterId, duration(vrrp.advertIntervalMs, language.value))}
      </Fact>
      {application !== null && (
        <Fact name={words.application}>
          {words.account(application.user, application.from, application.database)}
        </Fact>
      )}
      {Object.entries(settings).map(([name, value]) => (
        <Fact key={name} name={name}>
          <code>{value}</code>
        </Fact>
      ))}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
