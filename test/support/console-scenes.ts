/** What two agents say in the scenes that the console is tested with, and a failover that guards once recorded. */

import { readFileSync } from 'node:fs';
import type { StoredDecision } from '../../coordinator/store/decisions.ts';
import type { StoredEvent } from '../../coordinator/store/event-log.ts';
import type { Store } from '../../coordinator/store/open-store.ts';
import type { GuardState, VotingState } from '../../shared/model/facts.ts';
import type { FakeAgents } from './fake-agents.ts';
import { makeHeartbeat, serverDown } from './make-heartbeat.ts';

const RECORDED = new URL('../coordinator/explain/recorded-failover.json', import.meta.url);

type Wish = Partial<Pick<VotingState, 'primary' | 'mode' | 'epoch' | 'hears' | 'promotable' | 'leased'>>;

function voting(phase: string, wish: Wish = {}): Partial<GuardState> {
  const serves = phase.startsWith('PRIMARY');
  return {
    ...{
      reason: serves ? 'It serves, and the standby confirms.' : 'It may take over.',
      row: serves ? 'U1' : 'S4',
    },
    voting: {
      ...{ phase, epoch: 4, primary: 'db1', mode: 'sync', votes: { own: 1, peer: 1, witness: 1 } },
      ...{
        // Only who serves has something to ask the witness.
        hears: { peer: true, witness: serves },
        promotable: !serves,
        leased: serves,
        leaseMs: serves ? 520 : 0,
      },
      ...{ order: null, note: null, decision: null },
      ...wish,
    },
  };
}

/** db1 serves, db2 follows, everybody hears everybody; commits are counted, `rate` a second. */
export function healthy(agents: FakeAgents, rate = 240): void {
  const began = Date.now();
  const database = (now: number) => ({ commits: 1000 + Math.round(((now - began) / 1000) * rate) });
  agents.say('db1', (time) =>
    makeHeartbeat('db1', { time, guard: voting('PRIMARY_SYNC'), database: database(time) }),
  );
  agents.say('db2', (time) =>
    makeHeartbeat('db2', { time, guard: voting('STANDBY_READY'), database: database(time) }),
  );
}

/** The server of db1 died, and db2 has taken over alone. */
export function failing(agents: FakeAgents): void {
  const record = { primary: 'db2', mode: 'solo', epoch: 5 } as const;
  const alone = voting('PRIMARY_SOLO', { ...record, hears: { peer: true, witness: true } });
  agents.say('db2', (time) =>
    makeHeartbeat('db2', {
      time,
      primary: true,
      guard: { ...alone, role: 'primary' },
      channel: { ioRunning: 'No', secondsBehind: null },
    }),
  );
  const fenced = voting('FENCED', { ...record, promotable: false, leased: false });
  agents.say('db1', (time) =>
    serverDown('db1', {
      time,
      guard: { ...fenced, reason: 'The server does not work: it is fenced.', row: 'P1' },
    }),
  );
}

/** Puts the recorded failover into the store as if it had been a minute ago; answers the id of its outage. */
export function recordFailover(store: Store): number {
  // The file was written by the store itself.
  const { events, decisions } = JSON.parse(readFileSync(RECORDED, 'utf8')) as {
    events: StoredEvent[];
    decisions: StoredDecision[];
  };
  const moved = events.findIndex(({ kind }) => kind === 'VipMoved');
  const shift = Date.now() - 60_000 - (events[moved]?.time ?? 0);
  const stored = events.map(({ id: _id, ...event }) =>
    store.events.append({ ...event, time: event.time + shift }),
  );
  for (const host of ['db1', 'db2']) {
    const own = decisions.filter((one) => one.host === host);
    const shifted = own.map(({ time, decision }) => ({ ...decision, at: time + shift }));
    store.decisions.add('orders', host, shifted, 0);
  }
  return stored[moved]?.id ?? 0;
}

/** Puts the journal of a deploy that failed into the store; answers its number. */
export function recordDeploy({ runs }: Store): number {
  const id = runs.begin('deploy', 'orders');
  const [done, durationMs] = ['done', 1840] as const;
  runs.step(id, { step: 'database-configured', outcome: done, changes: 4, durationMs, message: 'db1, db2' });
  runs.step(id, {
    ...{ step: 'replication-running', outcome: 'failed', changes: 0, durationMs: 9000 },
    message: 'db2 does not follow db1: error 1045, Access denied',
  });
  runs.end(id, 'failed', 4);
  return id;
}

/** Puts an alert into the store that somebody was told of: the standby is lost. It stays open in the scene `failing`. */
export function openAlert(store: Store): void {
  const since = Date.now() - 60_000;
  const params = { pair: 'orders', vip: '10.88.0.10', host: 'db2', peer: 'db1', detail: null, count: null };
  store.alerts.update((_open, event) => ({
    alerts: [
      {
        ...{ key: 'solo/orders/', rule: 'solo', severity: 'critical', since, event: null, raised: since },
        ...{ params: { ...params, command: 'coordinator status orders' }, gone: null, closed: null },
        ...{ acknowledged: null, acknowledgedBy: null, lastTold: since, told: ['group'] },
      },
    ],
    ...{ dropped: [], deliveries: [], event: event ?? 0 },
  }));
}
