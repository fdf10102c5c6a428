import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { EVENT_KINDS } from '../../../coordinator/store/event-kinds.ts';
import { en } from '../../../coordinator/web/i18n/en.ts';
import { zh } from '../../../coordinator/web/i18n/zh.ts';
import { ZH_TASKS } from '../../../coordinator/web/i18n/zh-tasks.ts';
import { budgetOf } from '../../../coordinator/web/model/budget.ts';
import { checksOf, maintenanceDeed } from '../../../coordinator/web/model/checks.ts';
import { linesOf, readSentEvents } from '../../../coordinator/web/model/job-view.ts';
import { hearEvents, hearMessage, NOTHING_HEARD } from '../../../coordinator/web/model/live-state.ts';
import { findPairs, worstFirst } from '../../../coordinator/web/model/overview.ts';
import { pictureOf } from '../../../coordinator/web/model/picture.ts';
import { plotsOf } from '../../../coordinator/web/model/plots.ts';
import { firstStep, pictureAt, replaySteps } from '../../../coordinator/web/model/replay.ts';
import { parsePlace, renderPlace } from '../../../coordinator/web/model/route.ts';
import { duration, offset, percent } from '../../../coordinator/web/model/units.ts';
import { describePicture } from '../../../coordinator/web/view/describe-picture.ts';
import type { EventView, OutageDetail, Samples } from '../../../shared/api/history.ts';
import type { JobProgress } from '../../../shared/api/jobs.ts';
import type { PairDetail, PairSummary } from '../../../shared/api/pair-view.ts';
import { ERROR_CODES } from '../../../shared/errors/codes.ts';
import { PHASES } from '../../../shared/pair/node-state.ts';
import { REASONS_ZH } from '../../../shared/pair/reasons-zh.ts';
import { ROWS } from '../../../shared/pair/table.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { failing, healthy, recordFailover } from '../../support/console-scenes.ts';
import { serveApi } from '../../support/serve-api.ts';

test('an address leads where it says, and back; nonsense leads to the pairs', async (t) => {
  for (const place of [
    { at: 'pairs' },
    { at: 'events' },
    { at: 'pair', pair: 'a b/ü' },
    { at: 'outage', pair: 'orders', outage: '12' },
    { at: 'runs', pair: 'orders' },
    { at: 'run', pair: 'orders', run: '7' },
    { at: 'config', pair: 'orders' },
  ] as const)
    t.strictSame(parsePlace(renderPlace(place)), place);
  for (const nonsense of ['', '#', '#/nothing', '#/pairs/', '#/pairs/%E0%A4%A'])
    t.strictSame(parsePlace(nonsense), { at: 'pairs' }, nonsense);
  t.strictSame(parsePlace('#/pairs/orders/outages/x'), { at: 'pair', pair: 'orders' });
});

test('pairs stand worst first, and by name within a grade', async (t) => {
  const pair = (name: string, grade: PairSummary['grade']) => ({ name, grade }) as PairSummary;
  const all = [pair('b', 'healthy'), pair('a', 'healthy'), pair('z', 'critical'), pair('m', 'attention')];
  t.strictSame(
    worstFirst(all).map(({ name }) => name),
    ['z', 'm', 'a', 'b'],
  );
  const found = all.map((one) => ({
    ...{ ...one, hostNames: ['db1', 'db2'], vip: '10.0.0.1/24', headline: 'x' },
    translations: { zh: { headline: '正常' } },
  }));
  t.strictSame(
    findPairs(found as unknown as PairSummary[], 'Z db2').map(({ name }) => name),
    ['z'],
  );
});

test('what the feed says joins what is known, each event once', async (t) => {
  const event = (id: number, message = '') =>
    ({ id, pair: 'orders', kind: 'VipMoved', message }) as EventView;
  let state = hearEvents(NOTHING_HEARD, [event(3), event(1)]);
  state = hearMessage(state, { type: 'event', event: event(2) });
  state = hearMessage(state, { type: 'event', event: event(2) });
  t.strictSame(
    state.events.map(({ id }) => id),
    [3, 2, 1],
  );
  t.equal(state.lastEvent, 3);
  state = hearMessage(state, { type: 'event', event: event(2, 'corrected') });
  t.strictSame(
    state.events.map(({ message }) => message),
    ['', 'corrected', ''],
  );
  const one = { name: 'a', grade: 'healthy' } as PairSummary;
  state = hearMessage(state, { type: 'pairs', pairs: [one, { ...one, name: 'b' }] });
  state = hearMessage(state, { type: 'pairs', pairs: [{ ...one, name: 'b', grade: 'critical' }] });
  t.strictSame(
    state.pairs.map(({ name }) => name),
    ['b', 'a'],
  );
});

test('times and shares are told as people say them', async (t) => {
  t.strictSame(
    [0, 340, 1500, 12_000, 185_000, 7_500_000, 4 * 86_400_000].map((ms) => duration(ms, 'en')),
    ['0 ms', '340 ms', '1.5 s', '12 s', '3 min 5 s', '2 h 5 min', '4 d'],
  );
  t.equal(duration(185_000, 'zh'), '3 分 5 秒');
  t.equal(offset(-1204), '−1.204 s');
  t.equal(percent(0.99999999, 'en'), '99.9999 %', 'what was missed is not rounded away');
  t.equal(percent(1, 'en'), '100 %');
  const { used, target } = budgetOf({ days: 30, totalMs: 129_600, allowedMs: 259_200 });
  t.strictSame([used, percent(target, 'en')], [0.5, '99.99 %']);
});

test('samples become plots with gaps where nothing was measured', async (t) => {
  const samples: Samples = {
    ...{ pair: 'orders', from: 0, to: 60_000, stepMs: 10_000, times: [0, 10_000, 40_000] },
    series: [
      { metric: 'served', host: null, unit: 'ratio', values: [1, 0.5, 1] },
      { metric: 'load', host: 'db1', unit: 'load', values: [1, null, 2] },
      { metric: 'load', host: 'db2', unit: 'load', values: [3, 4, 5] },
    ],
  };
  const { times, plots } = plotsOf(samples);
  t.strictSame(times, [0, 10, 20, 40]);
  t.strictSame(plots.find(({ id }) => id === 'served')?.lines, [
    { label: null, values: [100, 50, null, 100] },
  ]);
  t.strictSame(plots.find(({ id }) => id === 'load')?.lines[1], { label: 'db2', values: [3, 4, null, 5] });
});

test('the progress of a job is one line for each task; sent events may come in pieces', async (t) => {
  const entry = (
    seq: number,
    task: string | null,
    state: JobProgress['state'],
    text: string,
  ): JobProgress => ({
    ...{ seq, time: 0, task, parent: null, state, text },
  });
  const lines = linesOf([
    entry(1, null, 'line', 'hello'),
    entry(2, 'a', 'started', 'First'),
    entry(3, 'a', 'updated', 'half'),
    entry(4, 'a', 'done', 'ok'),
    entry(5, 'b', 'started', 'Second'),
    entry(6, 'b', 'failed', 'no room'),
  ]);
  t.match(lines, [
    { title: 'hello', state: 'line' },
    { title: 'First', detail: '', state: 'done' },
    { title: 'Second', detail: 'no room', state: 'failed' },
  ]);
  t.strictSame(readSentEvents('id: 1\nevent: progress\ndata: {"a":1}\n\nevent: done\nda'), {
    events: [{ event: 'progress', data: '{"a":1}' }],
    rest: 'event: done\nda',
  });
});

test('every kind of event and every phase has a name in both languages', async (t) => {
  for (const words of [en, zh]) {
    t.strictSame(Object.keys(words.eventKinds).toSorted(), Object.keys(EVENT_KINDS).toSorted());
    t.strictSame(Object.keys(words.phases).toSorted(), [...PHASES].toSorted());
  }
});

test('every decision of a guard has its reason in Chinese, with the laws that it stands on', async (t) => {
  t.strictSame(Object.keys(REASONS_ZH), [...new Set(ROWS.map(({ id }) => id))]);
  for (const { id, reason } of ROWS) {
    t.notMatch(reason, /\. /, `${id} has one sentence: what is told beyond it follows`);
    const chinese = zh.reason(id, reason) ?? '';
    t.match(chinese, /^[^.]*\p{Script=Han}[^.]*。$/u, id);
    for (const sign of reason.match(/\([IR]\d\)|SYNC|SOLO|\d+(?= ms)/g) ?? [])
      t.ok(chinese.includes(sign.replace(/[()]/g, '')), `${id}: ${sign}`);
  }
});

test('every step of a command has a name in Chinese', async (t) => {
  const root = new URL('../../../coordinator/', import.meta.url);
  const sources = globSync('{cli,drill,reseed,choreography}/**/*.ts', { cwd: fileURLToPath(root) });
  const ids = sources.flatMap((file) => {
    const text = readFileSync(new URL(file, root), 'utf8');
    const called = /\b(?:step|timedStep|task)\((?:options, )?'([a-z]+)'/g;
    const listed = /^ {2}id: '([a-z]+)',\n {2}title: /gm;
    return [...text.matchAll(called), ...text.matchAll(listed)].map(([, id = '']) => id);
  });
  t.strictSame([...new Set(ids)].toSorted(), Object.keys(ZH_TASKS).toSorted());
  t.equal(zh.task('preflight', 'Preflight'), '预检');
  t.equal(zh.task('orders/db1', 'Agent on db1'), 'Agent on db1', 'what is not known stays as it was told');
});

test('every error has its meaning and remedy in Chinese, with the same commands', async (t) => {
  const commands = (words: string) =>
    words.match(/coordinator [a-z]+|hotpair-agent|ssh-keygen|systemctl/g) ?? [];
  for (const [code, { meaning, remedy }] of Object.entries(ERROR_CODES)) {
    const chinese = zh.problem(code);
    for (const words of [chinese?.meaning, chinese?.remedy]) t.match(words, /\p{Script=Han}.*。$/u, code);
    t.strictSame(new Set(commands(chinese?.remedy ?? '')), new Set(commands(remedy)), code);
    t.equal(en.problem(code), undefined, 'the daemon speaks English');
    t.not(meaning, chinese?.meaning);
  }
  t.equal(zh.problem('OF_TOMORROW'), undefined, 'a newer daemon is heard in its own words');
});

test('the picture says who serves, and of a silent host that nothing is known', async (t) => {
  const api = await serveApi(t);
  healthy(api.agents);
  const read = async () => (await api.ask('/v1/pairs/orders')).json as PairDetail;
  const until = (what: string, is: (pair: PairDetail) => boolean) =>
    waitFor(
      what,
      async () => {
        const pair = await read();
        return is(pair) ? pair : undefined;
      },
      { deadlineMs: 10_000 },
    );
  const well = await until(
    'a healthy pair',
    ({ mode, hosts: [db1, db2] }) =>
      mode === 'sync' && db1.guard?.leaseMarginMs != null && db2.guard?.promotable === true,
  );
  t.match(pictureOf(well), {
    hosts: [
      { role: 'primary', server: 'up', vote: 1, lease: 520 / 700 },
      { role: 'standby', vote: 1, lease: null },
    ],
    ...{ witnessVote: 1, links: { hosts: 'up', witness: ['up', 'idle'] } },
    ...{ vip: { on: [true, false] }, flow: { from: 0, state: 'flows' }, mode: 'sync' },
  });
  t.match(describePicture(pictureOf(well), en), 'VIP 10.88.0.10: db1. db1 → db2: replicates. SYNC.');
  t.ok(checksOf({ command: 'switchover', body: {} }, well).every(({ ok }) => ok));
  t.strictSame(maintenanceDeed(well), { host: 'db2', on: true });

  failing(api.agents);
  const solo = await until('the takeover', ({ mode, vipHolder }) => mode === 'solo' && vipHolder === 'db2');
  t.match(pictureOf(solo), {
    hosts: [{ role: 'down', server: 'down' }, { role: 'primary' }],
    ...{ vip: { on: [false, true] }, flow: { from: 1, state: 'broken' }, mode: 'solo' },
  });
  t.notOk(checksOf({ command: 'drill', body: {} }, solo).every(({ ok }) => ok));

  await api.agents.stop('db1');
  const silent = await until('db1 to be silent', ({ hosts: [db1] }) => !db1.reachable);
  t.match(pictureOf(silent), {
    hosts: [{ role: 'silent', server: 'unknown', phase: null }, {}],
    links: { witness: ['unknown', 'up'] },
    flow: { state: 'unknown' },
  });
});

test('a recorded failover is replayed: the VIP leaves the old primary and comes to the new one', async (t) => {
  const api = await serveApi(t);
  const id = recordFailover(api.store);
  const detail = (await api.ask(`/v1/pairs/orders/outages/${id}`)).json as OutageDetail;
  const steps = replaySteps(detail);
  t.equal(steps.length, detail.timeline.length);
  t.equal(steps[firstStep(steps)]?.part, 'outage');
  const about = { hosts: ['db1', 'db2'], addresses: ['', ''] } as const;
  const at = (row: string) =>
    pictureAt(
      detail,
      detail.timeline.findIndex((entry) => entry.row === row && entry.type === 'decision'),
      about,
      '10.88.0.10',
    );
  t.match(at('W1'), {
    vip: { on: [true, false] },
    hosts: [{ role: 'primary', server: 'up' }, { role: 'standby' }],
  });
  t.match(at('P1'), { vip: { on: [false, false] }, hosts: [{ role: 'down' }, {}] });
  t.match(at('S5'), { vip: { on: [false, false] }, hosts: [{}, { role: 'changing' }] });
  t.match(at('O4'), { vip: { on: [false, true] }, hosts: [{}, { role: 'primary' }] });
  t.match(at('S4'), { flow: { from: 1, state: 'flows' }, hosts: [{ role: 'standby' }, { role: 'primary' }] });
});
