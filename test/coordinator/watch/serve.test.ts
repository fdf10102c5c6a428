import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pino } from 'pino';
import tap, { type Test, test } from 'tap';
import { lastScheduled } from '../../../coordinator/report/kept-schedules.ts';
import { makeReport, sendReport } from '../../../coordinator/report/make-report.ts';
import { keepSchedule } from '../../../coordinator/report/report-cron.ts';
import { serve } from '../../../coordinator/serve.ts';
import { type NewEvent, NO_PAIR, type StoredEvent } from '../../../coordinator/store/event-log.ts';
import { openStore, type Store } from '../../../coordinator/store/open-store.ts';
import type { HotpairSpec } from '../../../shared/model/pair-spec.ts';
import type { ReportSchedule } from '../../../shared/model/reports-file.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { type FakeAgents, type FakeConfig, startFakeAgents } from '../../support/fake-agents.ts';
import { decisionOf } from '../../support/make-decision.ts';
import { makeHeartbeat, makeVoting, serverDown } from '../../support/make-heartbeat.ts';

tap.setTimeout(120_000); // silences that must be waited for

interface Scene {
  readonly agents: FakeAgents;
  readonly store: Store;
  /** Waits for an event of this kind that matches. */
  event(kind: StoredEvent['kind'], fits?: (event: StoredEvent) => boolean): Promise<StoredEvent>;
  start(): Promise<{ url: string; stop(): Promise<void> }>;
}

async function sceneOf(t: Test, config: FakeConfig = {}): Promise<Scene> {
  const agents = await startFakeAgents(t.testdir(), config);
  const store = openStore(agents.data);
  t.teardown(async () => {
    store.close();
    await agents[Symbol.asyncDispose]();
  });
  return {
    ...{ agents, store },
    event: (kind, fits = () => true) =>
      waitFor(`the event ${kind}`, () => store.events.list({ kinds: [kind] }).find(fits), {
        deadlineMs: 20_000,
      }),
    start: () => startDaemon(t, agents.spec),
  };
}

async function startDaemon(t: Test, spec: HotpairSpec): Promise<{ url: string; stop(): Promise<void> }> {
  const controller = new AbortController();
  const log = pino({ level: 'silent' });
  const url = Promise.withResolvers<string>();
  const file = { configFile: 'hotpair.yaml', loadSpec: async () => spec };
  const done = serve({ spec, ...file, log, signal: controller.signal, onReady: url.resolve });
  done.catch(url.reject);
  const stop = async (): Promise<void> => {
    controller.abort();
    await done;
  };
  t.teardown(() => stop().catch(() => undefined));
  return { url: await url.promise, stop };
}

const kindsOf = (store: Store): string[] => store.events.list().map((event) => event.kind);

test('the daemon watches a failover and its return, and tells it over REST', async (t) => {
  const { agents, store, event, start } = await sceneOf(t);
  const { url, stop } = await start();
  await event('RoleChanged', ({ host }) => host === 'db2');
  const token = store.tokens.create('test', 'viewer', null);
  const pair = await waitFor(
    'both hosts',
    async () => {
      const answer = await fetch(`${url}/v1/pairs`, { headers: { authorization: `Bearer ${token}` } });
      const [pair] = (await answer.json()) as { vipHolder: string; primary: string }[];
      return pair?.vipHolder === 'db1' && pair.primary === 'db1' ? pair : undefined;
    },
    { deadlineMs: 10_000 },
  );
  t.match(pair, { name: 'orders', deployed: true, primary: 'db1', grade: 'healthy' });
  const since = Date.now();
  agents.say('db1', (time) => serverDown('db1', { time, vip: false, guard: { since } }));
  agents.say('db2', (time) => makeHeartbeat('db2', { time, primary: true, guard: { since: since + 250 } }));
  await event('ServerDown', ({ host }) => host === 'db1');
  const moved = await event('VipMoved', ({ data }) => data['from'] === 'db1');
  t.match(moved, { pair: 'orders', host: 'db2', data: { row: 'V1', to: 'db2', gapFrom: 'guards' } });
  t.ok(Math.abs(Number(moved.data['gapMs']) - 250) < 150, 'on one clock, whatever the delays were');
  agents.say('db1', (time) => makeHeartbeat('db1', { time, primary: false }));
  await event('ServerUp');
  await stop();
  t.same(kindsOf(store).at(0), 'DaemonStarted');
  t.same(kindsOf(store).at(-1), 'DaemonStopped');
});

test('decisions of the guards are fetched once each, those of before the daemon too', async (t) => {
  const { agents, store, start } = await sceneOf(t);
  // The clock of the host is an hour late; more of them than one call brings.
  const at = Date.now() - 3_600_000;
  const made = Array.from({ length: 450 }, (_, index) =>
    decisionOf(`1-${index + 1}`, { at: at + 100 * index }),
  );
  const say = (count: number): void => {
    agents.decided('db1', made.slice(0, count));
    agents.say('db1', (time) =>
      makeHeartbeat('db1', {
        time: time - 3_600_000,
        guard: { voting: makeVoting(true, { decision: `1-${count}` }) },
      }),
    );
  };
  const stored = (last: string) =>
    waitFor(`decision ${last}`, () => store.decisions.last('orders', 'db1') === last || undefined, {
      deadlineMs: 20_000,
    });
  say(440);
  const { stop } = await start();
  await stored('1-440');
  say(450);
  await stored('1-450');
  await stop();
  const again = await start();
  say(449);
  await stored('1-450');
  await again.stop();
  const all = store.decisions.between('orders', 0, Number.MAX_SAFE_INTEGER);
  t.same(
    all.map(({ decision }) => decision.id),
    made.map(({ id }) => id),
    'in their order',
  );
  t.ok(Math.abs((all[0]?.time ?? 0) - at - 3_600_000) < 2000, "on the coordinator's clock");
});

test('an agent that goes away is lost, and is found again when it is back', async (t) => {
  const { agents, event, start } = await sceneOf(t);
  const { stop } = await start();
  await event('VipMoved');
  await agents.stop('db2');
  t.match(await event('AgentLost'), { host: 'db2', data: { row: 'A1' } });
  await agents.start('db2');
  t.match(await event('AgentBack'), { host: 'db2', data: { row: 'A2' } });
  await stop();
});

test('an agent that stops talking on an open connection is lost too', async (t) => {
  const { agents, event, start } = await sceneOf(t);
  const { stop } = await start();
  await event('VipMoved');
  agents.mute('db1', true);
  t.match(await event('AgentLost'), { host: 'db1' });
  agents.mute('db1', false);
  t.match(await event('AgentBack'), { host: 'db1' });
  await stop();
});

test('a second daemon on the same data folder is refused, and the folder is free after the first', async (t) => {
  const { start } = await sceneOf(t);
  const first = await start();
  await t.rejects(start(), { code: 'REFUSED', message: new RegExp(`as process ${process.pid}`) });
  await first.stop();
  await (await start()).stop();
});

test('a daemon on loopback answers no other name', async (t) => {
  const { start } = await sceneOf(t);
  const { url, stop } = await start();
  t.match(await (await fetch(`${url}/v1/health`)).json(), { status: 'ok' });
  t.equal((await fetch(`${url}/v1/nothing`)).status, 404);
  t.equal(await statusWithHost(url, 'evil.example.org'), 403);
  t.equal(await statusWithHost(url, `localhost:${new URL(url).port}`), 200);
  await stop();
});

function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${url}/v1/health`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test('a port that is taken is said', async (t) => {
  const one = await sceneOf(t);
  const first = await one.start();
  const { port } = new URL(first.url);
  const dir = t.testdir();
  const agents = await startFakeAgents(dir, { listenPort: Number(port) });
  t.teardown(() => agents[Symbol.asyncDispose]());
  await t.rejects(startDaemon(t, agents.spec), {
    code: 'REFUSED',
    message: /cannot listen on 127\.0\.0\.1/,
  });
  await first.stop();
});

/** The reports of a file with one schedule. */
const only = (cron: string, wish: Partial<ReportSchedule> = {}) => ({
  ...{ timezone: 'UTC', language: 'en' as const },
  schedules: [{ name: null, cron, periodMs: null, language: 'en', to: [], ...wish }] as [ReportSchedule],
});

test('schedules that were missed are an event at the start, once, and are said in the next report', async (t) => {
  const { agents, store, event, start } = await sceneOf(t, {
    reports: { ...only('* * * * *'), timezone: 'Asia/Shanghai' },
  });
  const minute = Math.floor(Date.now() / 60_000) * 60_000;
  const due = minute - 5 * 60_000;
  store.events.append({ time: due, pair: NO_PAIR, kind: 'ReportSent', message: 'earlier', data: { due } });
  const first = await start();
  const missed = await event('ReportMissed');
  t.match(missed, {
    data: { first: due + 60_000 },
    message: /health reports since .* Asia\/Shanghai were missed/,
  });
  await first.stop();
  await (await start()).stop();
  t.equal(
    store.events.list({ kinds: ['ReportMissed'] }).filter((one) => one.data['first'] === due + 60_000).length,
    1,
  );
  t.ok(readdirSync(agents.data).includes('hotpair.db'));
});

test('a scheduled report is made, kept in the folder, and recorded with its schedule', async (t) => {
  const reports = only('0 8 * * *');
  const [schedule] = reports.schedules;
  const { agents, store } = await sceneOf(t, { reports });
  const due = Date.UTC(2026, 10, 22, 8);
  const record = (event: NewEvent) => store.events.append(event);
  const options = {
    spec: agents.spec,
    reports,
    store,
    record,
    log: pino({ level: 'silent' }),
    signal: AbortSignal.timeout(20_000),
  };
  await keepSchedule(options, schedule, due - 2);
  await keepSchedule(options, schedule, due + 3 * 86_400_000 + 40);
  t.same(
    store.events.list().map((event) => [event.kind, event.data['due']]),
    [
      ['ReportSent', due],
      ['ReportSent', due + 3 * 86_400_000],
    ],
  );
  const [first, second] = store.events.list().map((event) => {
    return readFileSync(join(agents.data, 'reports', `${String(event.data['file'])}.txt`), 'utf8');
  });
  t.match(first, /^HEALTHY: orders: db1 is primary/);
  t.notMatch(first, /missed/);
  t.match(second, /2 reports from 2026-11-23 08:00:00 to 2026-11-24 08:00:00 were missed/);
  await keepSchedule(options, schedule, due + 60_000 * 90);
  t.equal(store.events.list().length, 2, 'nothing is due then: a repeated hour of a clock that was put back');
});

test('several schedules: each has its own time, period, language and targets, and its own past', async (t) => {
  const outbox = join(t.testdir(), 'outbox');
  const daily = only('0 8 * * *', { name: 'daily', periodMs: 86_400_000 }).schedules[0];
  const weekly = only('0 8 * * 1', { name: 'weekly', language: 'zh', to: [{ folder: outbox }] }).schedules[0];
  const reports = { ...only('0 8 * * *'), schedules: [daily, weekly] };
  const { agents, store, event, start } = await sceneOf(t, { reports });
  const monday = Date.UTC(2026, 9, 12, 8);
  const options = {
    ...{ spec: agents.spec, reports, store, log: pino({ level: 'silent' }) },
    record: (event: NewEvent) => store.events.append(event),
    signal: AbortSignal.timeout(20_000),
  };
  await keepSchedule(options, weekly, monday);
  for (const day of [0, 1, 2, 3, 7]) await keepSchedule(options, daily, monday + day * 86_400_000);
  await keepSchedule(options, weekly, monday + 7 * 86_400_000);
  const sent = store.events.list({ kinds: ['ReportSent'] });
  t.same(
    sent.map(({ data }) => [data['schedule'], (Number(data['due']) - monday) / 86_400_000]),
    [['weekly', 0], ...[0, 1, 2, 3, 7].map((day) => ['daily', day]), ['weekly', 7]],
  );
  const textOf = (index: number): string =>
    readFileSync(join(agents.data, 'reports', `${String(sent[index]?.data['file'])}.txt`), 'utf8');
  t.match(textOf(5), /3 reports from 2026-10-16 08:00:00 to 2026-10-18 08:00:00 were missed/);
  t.match(textOf(5), /Failovers in the last 24 h/);
  t.match(textOf(6), /^正常：orders：db1 为主库/, 'in its own language');
  t.match(textOf(6), /最近 7 天/, 'since the one before it');
  t.notMatch(textOf(6), /错过/, 'what another schedule missed is not its own');
  t.same(readdirSync(outbox).length, 6, 'both weekly ones, in three forms');
  const daemon = await start();
  t.match(await event('ReportMissed'), {
    data: { schedule: 'daily' },
    message: /health reports daily since/,
  });
  await daemon.stop();
  store.events.append({ pair: NO_PAIR, kind: 'DaemonStarted', message: 'before', time: 1000 });
  t.equal(lastScheduled(store, 'monthly'), null, 'a schedule that no daemon has known has missed nothing');
  t.equal(lastScheduled(store, null), 1000, 'before schedules had names there was one');
});

test('reports that find no host, or no way out, say so', async (t) => {
  const { agents, store } = await sceneOf(t);
  await agents.stop('db2');
  const record = (event: NewEvent) => store.events.append(event);
  const controller = new AbortController();
  const report = await makeReport({
    ...{ spec: agents.spec, pairs: agents.spec.pairs, store, periodMs: 1000, missed: [], timezone: 'UTC' },
    signal: controller.signal,
  });
  t.match(report, { grade: 'critical', headline: /db2: Its agent does not answer/ });
  controller.abort();
  const outcomes = await sendReport(report, {
    ...{ spec: agents.spec, kept: null, language: 'en', to: [{ email: 'dba@example.org' }] },
    record,
    signal: controller.signal,
  });
  t.same(
    outcomes.map((outcome) => outcome.ok),
    [true, false],
    'the folder has it all the same',
  );
  t.match(store.events.list(), [
    { kind: 'ReportFailed', message: /did not get to e-mail to dba@example\.org/ },
  ]);
});
