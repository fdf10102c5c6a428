import { test } from 'tap';
import { outagesOf } from '../../../coordinator/api/outages.ts';
import type { EventKind } from '../../../coordinator/store/event-kinds.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';

type Told = readonly [second: number, host: string | null, kind: EventKind, data?: Record<string, unknown>];

const history = (...told: readonly Told[]): StoredEvent[] =>
  told.map(([second, host, kind, data = {}], index) => ({
    ...{ id: index + 1, time: second * 1000, pair: 'orders', host, kind, message: kind, data },
  }));
const MOVED = { from: 'db1', to: 'db2', gapMs: 400 };

test('an outage is told with its cause, from what happened to the host that had the VIP', (t) => {
  const cases: Readonly<Record<string, readonly [string, StoredEvent[]]>> = {
    'a killed server': ['server-down', history([9, 'db1', 'ServerDown'], [10, 'db2', 'VipMoved', MOVED])],
    'a host that is silent only afterwards': [
      'host-lost',
      history([10, 'db2', 'VipMoved', MOVED], [13, 'db1', 'AgentLost']),
    ],
    'a switchover, soon after a silence that was over': [
      'planned',
      history(
        ...([[1, 'db1', 'AgentLost'] as const, [5, 'db1', 'AgentBack'] as const] as const),
        ...([
          [10, 'db2', 'VipMoved', MOVED] as const,
          [10, 'db1', 'RoleChanged', { to: 'standby' }] as const,
        ] as const),
      ),
    ],
    'a drill': [
      'drill',
      history([8, 'db1', 'DrillStarted'], [9, 'db1', 'ServerDown'], [10, 'db2', 'VipMoved', MOVED]),
    ],
    'trouble of the other host only': [
      'unknown',
      history([9, 'db2', 'ServerDown'], [10, 'db2', 'VipMoved', MOVED]),
    ],
  };
  for (const [name, [cause, events]] of Object.entries(cases)) {
    const outages = outagesOf(events);
    t.match(outages, [{ from: 'db1', to: 'db2', began: 9600, ended: 10_000, gapMs: 400, cause }], name);
    t.equal(outages.length, 1);
  }
  t.same(
    outagesOf(history([1, 'db1', 'VipMoved', { from: null, to: 'db1', gapMs: null }])),
    [],
    'a first sight',
  );
  const phases = { vote: 3, total: 9 };
  const told = history([10, 'db2', 'VipMoved', MOVED], [11, 'db2', 'RoleChanged', { to: 'primary', phases }]);
  t.match(outagesOf(told), [{ phases }]);
  t.end();
});
