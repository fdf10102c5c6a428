import { pino } from 'pino';
import { test } from 'tap';
import type { EventLog } from '../../../coordinator/store/event-log.ts';
import { openStore, type Store } from '../../../coordinator/store/open-store.ts';
import { createEffects } from '../../../coordinator/watch/effects.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';

/** A logger that keeps its records. */
function memoryLog() {
  const records: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void records.push(JSON.parse(line)) });
  return { log, records };
}

test('an event is stored and logged, as loud as it is serious', async (t) => {
  const store = openStore(t.testdir());
  t.teardown(() => store.close());
  const { log, records } = memoryLog();
  const { record, settle } = createEffects(store, log);
  record({ pair: 'orders', host: 'db1', kind: 'ServerDown', message: 'down' });
  t.equal(store.events.list().length, 1, 'a single event is there at once');
  record({
    pair: 'orders',
    host: 'db2',
    kind: 'ReplicationBroken',
    message: 'so',
    data: { consequence: true },
  });
  record({ pair: 'orders', host: 'db1', kind: 'VipMoved', message: 'seen', data: { from: null } });
  settle();
  t.match(store.events.list(), [{ kind: 'ServerDown' }, { kind: 'ReplicationBroken' }, { kind: 'VipMoved' }]);
  t.same(
    records.map((one) => one['level']),
    [50, 30, 30],
    'what follows from another event is not a second alarm',
  );
});

test('an event that cannot be stored is in the log, and nothing is thrown', async (t) => {
  const { log, records } = memoryLog();
  const events = {
    appendAll: () => {
      throw new Error('database or disk is full');
    },
  } as unknown as EventLog;
  createEffects({ events } as Store, log).record({ pair: 'orders', kind: 'VipMissing', message: 'gone' });
  t.match(records, [{ kind: 'VipMissing', message: 'gone' }, { msg: 'the event could not be stored' }]);
});

test('many events at once are stored by few writes, in their order, each with its own time', async (t) => {
  const store = openStore(t.testdir());
  t.teardown(() => store.close());
  const { log } = memoryLog();
  let writes = 0;
  const appendAll: EventLog['appendAll'] = (events) => {
    writes += 1;
    store.events.appendAll(events);
  };
  const { record } = createEffects({ ...store, events: { ...store.events, appendAll } }, log);
  for (let index = 0; index < 100; index += 1)
    record({ pair: 'orders', kind: 'AgentLost', host: `db${index}`, message: 'silent', time: 1000 + index });
  const stored = await waitFor(
    'all of them',
    () => (store.events.list().length === 100 ? store.events.list() : undefined),
    { deadlineMs: 10_000, intervalMs: 10 },
  );
  t.same(
    stored.map(({ host, time }) => `${host} ${time}`),
    Array.from({ length: 100 }, (_, index) => `db${index} ${1000 + index}`),
  );
  t.ok(writes < 10, `${writes} writes`);
});
