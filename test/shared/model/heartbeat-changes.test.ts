/** What is pushed of a heartbeat, and that the receiver knows as much as if everything were pushed. */

import fc from 'fast-check';
import { test } from 'tap';
import type { Heartbeat } from '../../../shared/model/facts.ts';
import {
  changesSince,
  HeartbeatChangesSchema,
  mergeChanges,
} from '../../../shared/model/heartbeat-changes.ts';
import { fits } from '../../../shared/protocol/decode.ts';
import { makeHeartbeat, serverDown, VIP } from '../../support/make-heartbeat.ts';

test('the first heartbeat is complete, a later one carries the sections that differ', (t) => {
  const first = makeHeartbeat('db2', { time: 1000 });
  t.equal(changesSince(null, first), first);
  const second: Heartbeat = {
    ...makeHeartbeat('db2', { time: 1000, database: { uptimeSeconds: 3601, gtidBinlogPos: '0-1-43' } }),
    ...{ sequence: 2, time: 2000, load1: 0.2 },
  };
  t.same(changesSince(first, second), {
    ...{ sequence: 2, time: 2000, load1: 0.2 },
    database: { uptimeSeconds: 3601, gtidBinlogPos: '0-1-43' },
  });
  t.same(changesSince(second, { ...second, sequence: 3, time: 3000 }), { sequence: 3, time: 3000 });
  const own = { interface: 'eth0', prefix: 24, family: 'inet' } as const;
  const holder = { ...second, addresses: [...second.addresses, { ...own, address: VIP }] };
  t.same(Object.keys(changesSince(second, holder)).sort(), ['addresses', 'sequence', 'time']);
  t.end();
});

test('a guard that falls silent or comes back, and a field that is gone, are told', (t) => {
  const whole = makeHeartbeat('db1');
  const silent = makeHeartbeat('db1', { guard: null });
  t.same(changesSince(whole, silent), { sequence: 1, time: 0, guard: null });
  t.same(changesSince(silent, whole).guard, whole.guard);
  t.same(mergeChanges(silent, changesSince(silent, whole)), whole);
  const { load1: _, ...narrower } = whole;
  t.equal(changesSince(whole, narrower as Heartbeat), narrower, 'then everything is said again');
  t.end();
});

test('changes without what they build on are refused, whatever is missing', (t) => {
  t.throws(() => mergeChanges(null, { sequence: 2, time: 2 }), { code: 'MALFORMED_FRAME' });
  const silent = makeHeartbeat('db1', { guard: null });
  t.throws(() => mergeChanges(silent, { sequence: 2, time: 2, guard: { permit: true } }), {
    code: 'MALFORMED_FRAME',
  });
  t.end();
});

const heartbeats = fc
  .record({
    down: fc.boolean(),
    primary: fc.boolean(),
    guard: fc.constantFrom(null, {}, { permit: false }, { reason: 'another one', updated: 7 }),
    channel: fc.constantFrom(null, {}, { secondsBehind: 3 }),
    load1: fc.constantFrom(0, 0.5),
    time: fc.nat(5),
  })
  .map(({ down, load1, ...wish }) =>
    (down ? serverDown : makeHeartbeat)('db2', { ...wish, rest: { load1 } }),
  );

test('what the receiver puts together is what the agent has', (t) => {
  fc.assert(
    fc.property(fc.array(heartbeats, { minLength: 1, maxLength: 8 }), (sent) => {
      let before: Heartbeat | null = null;
      let known: Heartbeat | null = null;
      for (const heartbeat of sent) {
        const text = JSON.stringify(changesSince(before, heartbeat));
        before = heartbeat;
        const pushed: unknown = JSON.parse(text);
        if (!fits(HeartbeatChangesSchema, pushed)) return false;
        known = mergeChanges(known, pushed);
        if (JSON.stringify(known.database) !== JSON.stringify(heartbeat.database)) return false;
        t.same(known, heartbeat);
      }
      return true;
    }),
    { numRuns: 100 },
  );
  t.end();
});
