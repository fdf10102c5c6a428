import { test } from 'tap';
import {
  type AddressPicture,
  addressWords,
  type DrillMeasures,
  holdersIn,
  judgeDrill,
  missingRows,
  outageOf,
} from '../../../coordinator/drill/judge.ts';
import type { Acknowledged } from '../../../coordinator/drill/vip-writer.ts';
import type { Address } from '../../../shared/model/facts.ts';
import { VIP } from '../../support/make-heartbeat.ts';
import { PAIR } from '../../support/make-readings.ts';

const address = (text: string): Address => ({ interface: 'eth0', address: text, prefix: 24, family: 'inet' });
const picture = (...holders: string[]): AddressPicture => ({
  db1: [address('10.88.0.11'), ...(holders.includes('db1') ? [address(VIP)] : [])],
  db2: [address('10.88.0.12'), ...(holders.includes('db2') ? [address(VIP)] : [])],
});
const row = (number: number, serverId: number, at: number): Acknowledged => ({
  row: number,
  serverId,
  sentAt: at - 2,
  at,
});
const ROWS = [row(1, 1, 100), row(2, 1, 125), row(9, 2, 525), row(10, 2, 550)];

const measures = (more: Partial<DrillMeasures> = {}): DrillMeasures => ({
  ...{ pair: PAIR, primary: 'db1', standby: 'db2', acknowledged: ROWS, missing: { db1: 0, db2: 0 } },
  ...{ before: picture('db1'), after: picture('db2'), end: picture('db2') },
  ...{ stopMs: 300, serverBackMs: 900, healthyMs: 1500 },
  ...more,
});

/** Subjects of the checks that failed, with what they say. */
const failed = (more: Partial<DrillMeasures>): string[] =>
  judgeDrill(measures(more))
    .filter((one) => !one.ok)
    .map((one) => `${one.subject}: ${one.detail}`);

test('the outage is the time from the last row on the one server to the first on the other', async (t) => {
  t.match(outageOf(ROWS, 1), { outageMs: 400, lastOnPrimary: { row: 2 }, firstOnStandby: { row: 9 } });
  t.equal(outageOf(ROWS.slice(0, 2), 1), null, 'the other one never took a row');
  t.equal(outageOf(ROWS.slice(2), 1), null, 'the first one never took a row');
});

test('a drill that went well passes every check', async (t) => {
  t.same(failed({}), []);
  t.match(
    judgeDrill(measures()).map((one) => one.detail),
    [
      'db2 took a row 400 ms after the last one on db1',
      '10.88.0.10 is on db2',
      '4 rows acknowledged, all on both hosts',
      '10.88.0.10 is on db2',
      /1\.5 s after the server was let go/,
    ],
  );
});

test('each thing that can go wrong fails its own check', async (t) => {
  t.match(failed({ acknowledged: ROWS.slice(0, 2) }), [
    /answers on the other host: no row was acknowledged by db2/,
  ]);
  t.match(failed({ after: picture('db1') }), [/The VIP moved: .* is on db1, expected is db2/]);
  t.match(failed({ after: picture('db1', 'db2') }), [/is on db1 and db2/]);
  t.match(failed({ after: picture() }), [/is on no host/]);
  t.match(failed({ missing: { db1: 0, db2: 3 } }), [/No acknowledged row is lost: db2 lacks 3 of 4/]);
  t.match(failed({ end: picture('db1') }), [/The VIP did not come back: .* is on db1/]);
});

test('a row is lost when a host lacks it, whatever other rows it has', async (t) => {
  t.equal(missingRows(ROWS, new Set([1, 2, 9, 10])), 0);
  t.equal(missingRows(ROWS, new Set([1, 2, 3, 4, 10])), 1);
});

test('addresses read like `ip addr`, without loopback and IPv6', async (t) => {
  const all = [
    { ...address('127.0.0.1'), interface: 'lo' },
    address('10.88.0.11'),
    address(VIP),
    { interface: 'eth0', address: 'fe80::1', prefix: 64, family: 'inet6' as const },
    { ...address('192.0.2.1'), interface: 'eth1' },
  ];
  t.equal(addressWords(all), 'eth0 10.88.0.11/24, 10.88.0.10/24; eth1 192.0.2.1/24');
  t.same(holdersIn(picture('db1'), VIP), ['db1']);
});
