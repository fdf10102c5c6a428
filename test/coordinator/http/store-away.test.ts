// The daemon goes on when its store is damaged under it: who asks is told 503 once, and a new store is begun. And it goes
// on when its store fails, whatever timer or listener meets that.
import { closeSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { type Test, test } from 'tap';
import { openStore } from '../../../coordinator/store/open-store.ts';
import { LIVE_PATH, LIVE_PROTOCOL } from '../../../shared/api/live.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { makeAlerts } from '../../support/make-alerts.ts';
import { decisionOf } from '../../support/make-decision.ts';
import { makeHeartbeat, makeVoting } from '../../support/make-heartbeat.ts';
import { serveApi } from '../../support/serve-api.ts';

const PAGE = 4096;

/** Puts everything into the file itself, and makes rubbish of all but its first page. */
function damage(file: string): void {
  const handle = new DatabaseSync(file);
  handle.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  handle.close();
  const open = openSync(file, 'r+');
  const rubbish = Buffer.alloc(statSync(file).size - PAGE, 0xa5);
  writeSync(open, rubbish, 0, rubbish.length, PAGE);
  closeSync(open);
}

test('a store that is damaged under the daemon is replaced, and the daemon serves on', async (t) => {
  const { agents, store, ask } = await serveApi(t);
  for (let n = 0; n < 600; n += 1)
    store.events.append({ pair: 'orders', kind: 'VipMissing', message: `${n} ${'x'.repeat(8000)}` });
  damage(join(agents.data, 'hotpair.db'));
  const answers: { status: number; json: unknown }[] = [];
  // The tokens were in the damaged store, so that in the end the daemon knows none.
  await waitFor(
    'the new store',
    async () => {
      const { status, json } = await ask('/v1/events?limit=1000');
      answers.push({ status, json });
      return status === 401 ? true : undefined;
    },
    { deadlineMs: 20_000, intervalMs: 20 },
  );
  t.ok(
    answers.every(({ status }) => [200, 401, 503].includes(status)),
    `${answers.map(({ status }) => status)}`,
  );
  for (const { json } of answers.filter(({ status }) => status === 503))
    t.match(json, { code: 'STORE_UNAVAILABLE', status: 503, detail: /hotpair\.db cannot be used: / });
  t.equal(readdirSync(agents.data).filter((name) => /\.broken-\S+Z$/.test(name)).length, 1);
  const fresh = openStore(agents.data, (sentence) => t.fail(sentence));
  t.teardown(() => fresh.close());
  const token = fresh.tokens.create('anna', 'admin', null);
  // What is seen of the pair comes into the new store as well, sooner or later than that.
  const again = await ask('/v1/events?kind=StoreReplaced', {
    role: null,
    headers: { authorization: `Bearer ${token}` },
  });
  t.equal(again.status, 200);
  t.match(again.json, { events: [{ kind: 'StoreReplaced' }] });
  const pairs = await ask('/v1/pairs', { role: null, headers: { authorization: `Bearer ${token}` } });
  t.match(pairs.json, [{ name: 'orders', primary: 'db1' }], 'the pair is watched as before');
});

/** Every table away, or back: to whoever has the file open, all statements fail, and nothing is damaged. */
function renameTables(file: string, away: boolean): void {
  const handle = new DatabaseSync(file, { timeout: 10_000 });
  const names = handle.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  for (const name of names.all().map((row) => String(row['name'])))
    handle.exec(`ALTER TABLE "${name}" RENAME TO "${away ? `${name}_away` : name.replace(/_away$/, '')}"`);
  handle.close();
}

/** What the daemon must say of a store that fails, and go on. */
const TOLD = {
  'the outage keeper, of what ended and is told later': 'outages could not be stored; it is tried again',
  'the look at the alerts': 'alerts could not be looked at; it is tried again',
  'the sampler': 'samples could not be stored; those of this time are lost',
  'the watcher': 'the event could not be stored',
  'the decisions of the guards': 'decisions not read',
  'a job that ends': 'the end of a job could not be stored',
} as const;

/** A listener of the live feed, whose token is looked up time and again. */
async function listenLive(t: Test, url: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${LIVE_PATH}`, LIVE_PROTOCOL);
  t.teardown(() => socket.close());
  const ready = Promise.withResolvers<void>();
  socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'hello', token })));
  socket.addEventListener('message', () => ready.resolve());
  socket.addEventListener('close', () => ready.reject(new Error('the live feed was closed')));
  await ready.promise;
  return socket;
}

test('no timer and no listener of the daemon ends it while its store fails', async (t) => {
  const said = new Set<string>();
  const log = pino({ level: 'warn' }, { write: (line) => void said.add(JSON.parse(line).msg) });
  const jobsBegin = Promise.withResolvers<void>();
  const api = await serveApi(t, {
    ...{ log, jobsBegin: jobsBegin.promise },
    change: (spec) => ({ ...spec, alerts: makeAlerts() }),
  });
  const { agents, store, ask } = api;
  const file = join(agents.data, 'hotpair.db');
  const live = await listenLive(t, api.url, api.tokens.viewer);
  const { json: job } = await ask('/v1/pairs/orders/report', { method: 'POST' });
  const authorization = `Bearer ${api.tokens.viewer}`;
  const followed = await fetch(`${api.url}/v1/jobs/${(job as { id: string }).id}/progress`, {
    headers: { authorization },
  });
  t.equal(followed.status, 200);
  const moved = { from: 'db1', to: 'db2', gapMs: 400 };
  const id = store.events.append({
    pair: 'orders',
    host: 'db2',
    kind: 'VipMoved',
    message: '',
    data: moved,
  }).id;
  const wait = { deadlineMs: 20_000, intervalMs: 20 };
  await waitFor('the outage to be kept', () => (store.outages.lastId() === id ? true : undefined), wait);

  renameTables(file, true);
  jobsBegin.resolve();
  const voting = makeVoting(true, { decision: '1-1' });
  agents.decided('db1', [decisionOf('1-1')]);
  agents.say('db1', (time) => makeHeartbeat('db1', { time, guard: { voting } }));
  await agents.stop('db2');
  for (const [who, sentence] of Object.entries(TOLD))
    await waitFor(`${who} to meet the failing store`, () => (said.has(sentence) ? true : undefined), wait);
  t.equal((await ask('/v1/pairs')).status, 503);
  t.notMatch(await followed.text(), 'event: done', 'whoever follows the job has to ask again');

  renameTables(file, false);
  t.match((await ask('/v1/pairs')).json, [{ name: 'orders' }], 'the daemon serves on');
  await waitFor(
    'the outage to be told',
    async () =>
      /^hotpair_outage_seconds_count\{.*\} 1$/m.test((await ask('/metrics')).text) ? true : undefined,
    wait,
  );
  await waitFor(
    'the decision',
    () => (store.decisions.last('orders', 'db1') === '1-1' ? true : undefined),
    wait,
  );
  t.equal(live.readyState, WebSocket.OPEN, 'and whoever listens has not lost it');
});
