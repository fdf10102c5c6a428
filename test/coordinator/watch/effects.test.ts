import { pino } from 'pino';
import { test } from 'tap';
import type { EventLog } from '../../../coordinator/store/event-log.ts';
import { openStore, type Store } from '../../../coordinator/store/open-store.ts';
import { createEffects } from '../../../coordinator/watch/effects.ts';

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
  const { record } = createEffects(store, log);
  record({ pair: 'orders', host: 'db1', kind: 'ServerDown', message: 'down' });
  record({
    pair: 'orders',
    host: 'db2',
    kind: 'ReplicationBroken',
    message: 'so',
    data: { consequence: true },
  });
  record({ pair: 'orders', host: 'db1', kind: 'VipMoved', message: 'seen', data: { from: null } });
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
    append: () => {
      throw new Error('database or disk is full');
    },
  } as unknown as EventLog;
  createEffects({ events } as Store, log).record({ pair: 'orders', kind: 'VipMissing', message: 'gone' });
  t.match(records, [{ kind: 'VipMissing', message: 'gone' }, { msg: 'the event could not be stored' }]);
});
