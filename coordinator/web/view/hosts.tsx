/** Both hosts in full: what the guard says and why, the server, replication, resources, certificates, configuration. */

import type { ComponentChildren } from 'preact';
import type { HostView, PairDetail } from '../../../shared/api/pair-view.ts';
import { roleOf } from '../model/picture.ts';
import { bytes, duration, number } from '../model/units.ts';
import { language, messages } from '../settings.ts';
import { GuardWords } from './guard-words.tsx';

const DAY_MS = 86_400_000;

export function Hosts({ pair }: { readonly pair: PairDetail }) {
  return (
    <section aria-labelledby="hosts">
      <h2 id="hosts">{messages.value.pair.hosts}</h2>
      <div class="hosts">
        {pair.hosts.map((host) => (
          <Host key={host.name} host={host} now={pair.time} />
        ))}
      </div>
    </section>
  );
}

function Host({ host, now }: { readonly host: HostView; readonly now: number }) {
  const { host: words, picture } = messages.value;
  const heard =
    host.heardMsAgo === null ? words.silent : words.heard(duration(host.heardMsAgo, language.value));
  return (
    <article class="panel host-panel">
      <h3>
        {host.name} <span class="under">{host.address}</span>
        <span class={host.reachable ? 'heard' : 'heard bad'}>
          {host.reachable ? picture.roles[roleOf(host)] : heard}
        </span>
      </h3>
      <GuardWords guard={host.guard} />
      <dl class="facts">
        {host.reachable ? <Processes host={host} /> : <NotKnown />}
        <Resources host={host} />
        <Papers host={host} now={now} />
      </dl>
    </article>
  );
}

function Fact({ name, bad = false, children }: { name: string; bad?: boolean; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={bad ? 'bad' : ''}>{children}</dd>
    </div>
  );
}

/** Of a silent host nothing is known now, whatever it said last. */
const UNKNOWN = ['server', 'version', 'guardProcess', 'keepalived', 'replication', 'gtid'] as const;

function NotKnown() {
  const { host: words, unknown } = messages.value;
  return UNKNOWN.map((name) => (
    <Fact key={name} name={words[name]}>
      {unknown}
    </Fact>
  ));
}

function Processes({ host }: { readonly host: HostView }) {
  const { host: words, unknown } = messages.value;
  const { server, writable, keepalived, guardProcess, replication, serverVersion } = host;
  const access = writable === null ? '' : ` · ${writable ? words.writable : words.readOnly}`;
  return (
    <>
      <Fact name={words.server} bad={server === 'down'}>
        {words[server]}
        {access}
      </Fact>
      <Fact name={words.version}>{serverVersion ?? unknown}</Fact>
      <Fact name={words.guardProcess} bad={guardProcess === 'down'}>
        {words[guardProcess]}
      </Fact>
      <Fact name={words.keepalived} bad={keepalived === 'down'}>
        {words[keepalived]}
      </Fact>
      <Fact name={words.replication} bad={replication.condition === 'broken'}>
        {replication.condition === null ? unknown : words.conditions[replication.condition]}
        {/* Its line is always there, so that nothing moves when there is an error. */}
        <span class="under error-line" lang="en" title={replication.error ?? undefined}>
          {replication.error}
        </span>
      </Fact>
      <Fact name={words.gtid}>
        <code>{host.gtid || unknown}</code>
      </Fact>
    </>
  );
}

function Resources({ host }: { readonly host: HostView }) {
  const { host: words } = messages.value;
  const own = language.value;
  const { connections, load1, memoryFreeBytes, diskFreeBytes, diskTotalBytes, hostUptimeSeconds } = host;
  const free = diskFreeBytes === null ? '–' : bytes(diskFreeBytes, own);
  return (
    <>
      <Fact name={words.connections}>{connections === null ? '–' : number(connections, own)}</Fact>
      <Fact name={words.load}>{load1 === null ? '–' : load1.toFixed(2)}</Fact>
      <Fact name={words.memory}>{memoryFreeBytes === null ? '–' : bytes(memoryFreeBytes, own)}</Fact>
      <Fact name={words.disk}>
        {diskTotalBytes === null ? free : words.of(free, bytes(diskTotalBytes, own))}
      </Fact>
      <Fact name={words.uptime}>
        {hostUptimeSeconds === null ? '–' : duration(hostUptimeSeconds * 1000, own)}
      </Fact>
    </>
  );
}

function Papers({ host, now }: { readonly host: HostView; readonly now: number }) {
  const { host: words } = messages.value;
  const ends = Object.values(host.certificates);
  const days = ends.length === 0 ? null : Math.floor((Math.min(...ends) - now) / DAY_MS);
  return (
    <>
      <Fact name={words.certificates} bad={days !== null && days < 30}>
        {days === null ? '–' : words.daysLeft(days)}
      </Fact>
      <Fact name={words.drift} bad={host.drift.length > 0}>
        {host.drift.length === 0 ? words.asDeployed : words.changed(host.drift.length)}
        {host.drift.map(({ path }) => (
          <code key={path} class="under">
            {path}
          </code>
        ))}
      </Fact>
    </>
  );
}
