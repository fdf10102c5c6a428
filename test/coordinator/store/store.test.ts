import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Test, test } from 'tap';
import { EVENT_KINDS } from '../../../coordinator/store/event-kinds.ts';
import { openStore, type Store } from '../../../coordinator/store/open-store.ts';
import { runCommand } from '../../../shared/runtime/run-command.ts';
import { decisionOf } from '../../support/make-decision.ts';

const fail = (sentence: string): never => {
  throw new Error(`unexpected warning: ${sentence}`);
};

function storeOf(t: Test, dir: string): Store {
  const store = openStore(dir, fail);
  t.teardown(() => store.close());
  return store;
}

test('events come back in order, filtered as asked', async (t) => {
  const { events } = storeOf(t, t.testdir());
  const a = events.append({
    time: 1000,
    pair: 'orders',
    host: 'db1',
    kind: 'ServerDown',
    message: 'one',
    data: { row: 'D1' },
  });
  events.append({ time: 2000, pair: 'stock', kind: 'VipMissing', message: 'two' });
  events.append({ time: 3000, pair: 'orders', host: 'db1', kind: 'ServerUp', message: 'three' });
  const messages = (query: Parameters<typeof events.list>[0]) =>
    events.list(query).map((event) => event.message);
  t.same(a, {
    id: 1,
    time: 1000,
    pair: 'orders',
    host: 'db1',
    kind: 'ServerDown',
    message: 'one',
    data: { row: 'D1' },
  });
  t.same(events.list()[0], a, 'what is read is what was written');
  t.same(messages({}), ['one', 'two', 'three']);
  t.same(messages({ pair: 'orders' }), ['one', 'three']);
  t.same(messages({ sinceId: 1 }), ['two', 'three']);
  t.same(messages({ sinceTime: 2000 }), ['two', 'three'], 'the time itself is included');
  t.same(messages({ kinds: ['ServerUp', 'VipMissing'], pair: 'stock' }), ['two']);
  t.same(messages({ limit: 2 }), ['two', 'three'], 'the limit keeps the newest');
  t.same(events.last('ServerDown', 'orders'), a);
  t.equal(events.last('ServerDown', 'stock'), null);
  t.equal(events.prune(1), 2);
  t.same(messages({}), ['three']);
});

test('decisions are kept once each, in the order of time over both hosts', async (t) => {
  const { decisions, events } = storeOf(t, t.testdir());
  const ids = (from: number, to: number) =>
    decisions.between('orders', from, to).map(({ host, time, decision }) => `${host} ${decision.id} ${time}`);
  decisions.add('orders', 'db1', [decisionOf('3-1', { at: 1000 }), decisionOf('3-2', { at: 3000 })], 0);
  decisions.add('orders', 'db2', [decisionOf('1-9', { at: 1500 })], 500.4);
  decisions.add('orders', 'db1', [decisionOf('3-2', { at: 3000 }), decisionOf('3-3', { at: 3000 })], -7);
  decisions.add('stock', 'db1', [decisionOf('3-1', { at: 1000 })], 0);
  t.same(ids(0, 9999), ['db1 3-1 1000', 'db2 1-9 2000', 'db1 3-2 3000', 'db1 3-3 3000']);
  t.same(ids(1000, 2000), ['db1 3-1 1000', 'db2 1-9 2000']);
  t.equal(decisions.last('orders', 'db1'), '3-3');
  t.equal(decisions.last('orders', 'db3'), null);
  t.equal(events.get(1), null);
  decisions.prune(2);
  t.same(ids(0, 9999), ['db1 3-3 3000']);
});

test('text of events is data, whatever is in it', async (t) => {
  const { events } = storeOf(t, t.testdir());
  const message = `'; DROP TABLE events; -- "双机热备" \u0000 \n`;
  events.append({ pair: message, kind: 'VipMissing', message, data: { message } });
  t.match(events.list({ pair: message }), [{ message, data: { message } }]);
});

test('an event of a kind that a newer version wrote is left out', async (t) => {
  const dir = t.testdir();
  const { events } = storeOf(t, dir);
  events.append({ pair: 'p', kind: 'VipMissing', message: 'known' });
  const other = new DatabaseSync(join(dir, 'hotpair.db'));
  other.exec(
    `INSERT INTO events (time, pair, kind, message, data) VALUES (1, 'p', 'MoonRisen', 'unknown', '{}')`,
  );
  other.close();
  t.same(
    events.list().map((event) => event.message),
    ['known'],
  );
});

test('runs are recorded with their steps', async (t) => {
  const { runs } = storeOf(t, t.testdir());
  const id = runs.begin('deploy', 'orders');
  t.match(
    runs.list('orders'),
    [{ id, ended: null, outcome: null, changes: null }],
    'a killed run stays open',
  );
  const step = {
    step: 'packages',
    outcome: 'done' as const,
    changes: 2,
    durationMs: 9100,
    message: 'mariadb-server',
  };
  runs.step(id, step);
  runs.step(id, { ...step, step: 'config', outcome: 'skipped' });
  runs.end(id, 'ok', 2);
  t.same(
    runs.steps(id).map((one) => one.step),
    ['packages', 'config'],
  );
  t.same(runs.steps(id)[0], step);
  t.match(runs.list(), [{ id, command: 'deploy', outcome: 'ok', changes: 2, ended: Number }]);
  t.same(runs.list('stock'), []);
});

test('old runs go with their steps, the newest stay', async (t) => {
  const { runs } = storeOf(t, t.testdir());
  const step = { step: 'config', outcome: 'done' as const, changes: 0, durationMs: 1, message: '' };
  const ids = ['deploy', 'drill', 'deploy'].map((command) => {
    const id = runs.begin(command, 'orders');
    runs.step(id, step);
    return id;
  });
  t.equal(runs.prune(2), 1);
  t.same(
    runs.list().map(({ id }) => id),
    ids.slice(1),
  );
  t.same(
    ids.map((id) => runs.steps(id).length),
    [0, 1, 1],
  );
  t.equal(runs.prune(2), 0);
});

test('what one process wrote, another reads; the file is private', async (t) => {
  const dir = join(t.testdir(), 'data');
  openStore(dir, fail).close();
  t.equal(statSync(join(dir, 'hotpair.db')).mode & 0o777, 0o600);
  t.equal(statSync(dir).mode & 0o777, 0o700);
});

test('several processes open a new store at once and write to it, and no event is lost', async (t) => {
  const dir = t.testdir();
  const names = ['a', 'b', 'c', 'd'];
  const script = join(import.meta.dirname, '../../support/append-many.ts');
  const runs = await Promise.all(
    names.map((name) => runCommand([process.execPath, script, dir, name, '100'], { timeoutMs: 60_000 })),
  );
  const ids = runs.flatMap((run) => JSON.parse(run.stdout) as number[]);
  t.equal(new Set(ids).size, 400, 'every append was given an id of its own');
  const { events } = storeOf(t, dir);
  for (const name of names)
    t.same(
      events.list({ pair: name }).map((event) => event.data['n']),
      [...Array(100).keys()],
      `${name} in order`,
    );
  t.same(
    readdirSync(dir).filter((file) => file.includes('broken')),
    [],
  );
});

test('a damaged store is set aside, said, and begun anew', async (t) => {
  for (const [what, damage] of Object.entries({
    'no database at all': (path: string) => writeFileSync(path, 'not a database '.repeat(1000)),
    'overwritten pages': overwritePages,
  })) {
    const dir = t.testdir();
    const first = openStore(dir, fail);
    for (let n = 0; n < 200; n += 1) first.events.append({ pair: 'p', kind: 'VipMissing', message: `${n}` });
    first.close();
    damage(join(dir, 'hotpair.db'));
    const warnings: string[] = [];
    const second = openStore(dir, (sentence) => warnings.push(sentence));
    t.match(warnings, [/damaged.*hotpair\.db\.broken-/], what);
    t.match(second.events.list(), [{ kind: 'StoreReplaced', message: warnings[0] }], what);
    second.close();
    t.equal(
      readdirSync(dir).filter((file) => /^hotpair\.db\.broken-[^.]*$/.test(file)).length,
      1,
      'the old file is kept',
    );
    openStore(dir, fail).close();
  }
});

/** Everything but the first page and the last becomes rubbish. */
function overwritePages(path: string): void {
  const handle = new DatabaseSync(path);
  handle.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  handle.close();
  const file = openSync(path, 'r+');
  const rubbish = Buffer.alloc(statSync(path).size - 8192, 0xa5);
  writeSync(file, rubbish, 0, rubbish.length, 4096);
  closeSync(file);
}

test('a data folder that cannot be used is named', async (t) => {
  const dir = t.testdir({ file: '' });
  t.throws(() => openStore(join(dir, 'file', 'data'), fail), {
    code: 'REFUSED',
    message: /data folder .*file.data/,
  });
});

test('a store of a newer hotpair is refused and left as it is', async (t) => {
  const dir = t.testdir();
  openStore(dir, fail).close();
  const handle = new DatabaseSync(join(dir, 'hotpair.db'));
  handle.exec('PRAGMA user_version=99');
  handle.close();
  t.throws(() => openStore(dir, fail), { code: 'REFUSED', message: /newer hotpair/ });
  t.same(
    readdirSync(dir).filter((file) => file.includes('broken')),
    [],
  );
});

test('every kind has a meaning, and its name is in the past tense or an adverb of a return', async (t) => {
  for (const [kind, spec] of Object.entries(EVENT_KINDS)) {
    t.match(spec.meaning, /\.$/, kind);
    t.match(kind, /(ed|Lost|Back|Down|Up|Missing|Broken|Lagging|Healthy|Sent|Finished|Drift)$/);
  }
});
