// The commits bench: what makes a variant what its name says, in which order they are measured, and what is told of them.
import { test } from 'tap';
import { fillerOf } from '../../bench/commits/load.ts';
import { parseCpuStat, parseMachineTicks } from '../../bench/commits/processor-use.ts';
import { tablesOf } from '../../bench/commits/read-pair.ts';
import { pricesOf } from '../../bench/commits/summary.ts';
import {
  confirmationProblems,
  type HostReading,
  type PairReading,
  type VariantName,
  variantNames,
  variantProblems,
} from '../../bench/commits/variants.ts';
import { type CommitsDocument, type CommitsResult, schedule } from '../../bench/commits.ts';
import { parseBenchOptions } from '../../bench/options.ts';
import { reportOf } from '../../bench/report.ts';
import { middleOf } from '../../bench/statistics.ts';

const common = { sync_binlog: '1', innodb_flush_log_at_trx_commit: '1', max_connections: '151' };
const semiSync = {
  rpl_semi_sync_master_enabled: 'ON',
  rpl_semi_sync_master_timeout: '18446744073709551615',
  rpl_semi_sync_master_wait_no_slave: 'ON',
  rpl_semi_sync_master_wait_point: 'AFTER_SYNC',
};

const host = (name: string, variables: object): HostReading => ({
  ...{ name, guardRuns: true, fenced: true, waits: false, clients: 0, confirmed: 0, replicates: true },
  variables: new Map(Object.entries({ ...common, gtid_binlog_pos: '0-1-7', ...variables })),
});

const deployed: PairReading = {
  primary: { ...host('db1', { read_only: 'OFF', ...semiSync }), waits: true, clients: 1 },
  standby: host('db2', { read_only: 'ON', sync_relay_log: '1' }),
};

type Side = keyof PairReading;
const with_ = (side: Side, change: Partial<HostReading>, pair = deployed): PairReading => ({
  ...pair,
  [side]: { ...pair[side], ...change },
});
const setting = (side: Side, name: string, value: string, pair = deployed): PairReading =>
  with_(side, { variables: new Map([...pair[side].variables, [name, value]]) }, pair);

const unguarded = with_(
  'standby',
  { guardRuns: false, fenced: false },
  with_('primary', { guardRuns: false, fenced: false }),
);
const systemRelay = setting('standby', 'sync_relay_log', '10000', unguarded);
const asynchronous = setting(
  'primary',
  'rpl_semi_sync_master_enabled',
  'OFF',
  with_('primary', { waits: false }, systemRelay),
);
const readings: Record<VariantName, PairReading> = {
  ...{ guarded: deployed, unguarded, 'system-relay': systemRelay, asynchronous },
};

test('a pair is one variant and none of the others', async (t) => {
  for (const name of variantNames)
    for (const other of variantNames) {
      const problems = variantProblems(name, readings[other], deployed);
      t.equal(problems.length === 0, name === other, `${other} as ${name}: ${problems.join('; ')}`);
    }
});

test('whatever else differs from the deployed pair is told, but for the positions', async (t) => {
  const problems = (now: PairReading): string[] => variantProblems('unguarded', now, deployed);
  t.same(problems(setting('primary', 'gtid_binlog_pos', '0-1-900', unguarded)), []);
  t.match(problems(setting('standby', 'max_connections', '10', unguarded)), [
    /max_connections of db2 is 10, not 151/,
  ]);
  t.match(problems(setting('primary', 'sync_binlog', '0', unguarded)), [/sync_binlog of db1 is 0, not 1/]);
  t.match(problems(with_('standby', { fenced: true }, unguarded)), [/db2 has a fence/]);
  t.match(problems(with_('standby', { replicates: false }, unguarded)), [/db2 does not replicate/]);
  t.match(problems(with_('primary', { clients: 0 }, unguarded)), [/0 standbys confirm/]);
  const weak = setting('primary', 'rpl_semi_sync_master_timeout', '10000', deployed);
  t.match(
    variantProblems('guarded', weak, weak),
    [/timeout of db1 is 10000/],
    'nor is a wrong pair a measure',
  );
});

test('with semi-sync every commit was confirmed, without it none', async (t) => {
  const after = (count: number): PairReading => with_('primary', { confirmed: count });
  t.same(confirmationProblems('guarded', 100, after(50), after(150)), []);
  t.match(confirmationProblems('guarded', 100, after(50), after(149)), [/99 of 100/]);
  t.same(confirmationProblems('asynchronous', 100, after(50), after(50)), []);
  t.match(confirmationProblems('asynchronous', 100, after(50), after(51)), [/confirmed 1 commits/]);
});

test('variants take turns, forth and back', async (t) => {
  t.same(
    [...schedule(3, variantNames)].map(({ round, variant }) => `${round} ${variant[0]}`),
    ['1 g', '1 u', '1 s', '1 a', '2 a', '2 s', '2 u', '2 g', '3 g', '3 u', '3 s', '3 a'],
  );
});

const results = (rates: readonly (readonly [number, number, number, number])[]): CommitsResult[] =>
  rates.flatMap((round, index) =>
    variantNames.map((variant, at) => ({
      ...{ round: index + 1, variant, commits: 1, deadlocks: 0, commitsPerSecond: round[at] ?? 0 },
      ...{ medianMs: 5, p95Ms: 9, busyPercent: 80, guardsPercent: 9.5 },
    })),
  );

const tenths = (value: number): number => Math.round(value * 10) / 10;

test('prices are of neighbours, their median over the rounds with the spread', async (t) => {
  // Twice as fast a machine in the second round changes nothing.
  const prices = pricesOf(
    results([
      [98, 100, 200, 250],
      [198, 200, 400, 500],
      [96, 100, 200, 250],
    ]),
  );
  t.same(
    prices.map(({ what, median, least, most }) => [what, ...[median, least, most].map(tenths)]),
    [
      ['the guards', 2, 1, 4],
      ['syncing the relay log', 50, 50, 50],
      ['semi-sync', 20, 20, 20],
      ['all of it', 60.8, 60.4, 61.6],
    ],
  );
  t.same(pricesOf(results([[98, 100, 200, 250]]).slice(0, 1)), [], 'nothing without a neighbour');
});

test('the report has a line for each variant, the prices, and where the disks are', async (t) => {
  const document: CommitsDocument = {
    ...{ bench: 'commits', disk: 'memory', seconds: 20, connections: 8, tables: 4, rows: 10_000 },
    results: results([[102, 100, 200, 250]]),
    failed: [{ round: 2, variant: 'unguarded', reason: 'db2 has a fence' }],
  };
  const text = reportOf(document);
  t.match(text, /guards +1 +102 +5\.00 ms +9\.00 ms +80 % +9\.5\n/);
  t.match(text, /the guards −2\.0 % \(−2\.0 to −2\.0\), syncing the relay log 50\.0 %/);
  t.match(text, /disks are in memory/);
  const [, ...two] = reportOf({ ...document, results: document.results.slice(0, 2) }).split('\n');
  t.notMatch(two.join('\n'), /relay log synced|NaN/, 'nothing of what was not measured');
  t.match(text, /Not measured: round 2, unguarded: db2 has a fence/);
});

test('a median lies in the middle, or between the two there', async (t) => {
  t.equal(middleOf([9, 1, 2]), 2);
  t.equal(middleOf([4, 1, 2, 9]), 3);
});

test('options of the commits bench', async (t) => {
  t.match(parseBenchOptions(['commits']), { runs: 10, seconds: 20, disk: 'folder', variants: variantNames });
  t.equal(parseBenchOptions(['commits', '--variants', 'guarded,unguarded']).variants.length, 2);
  t.match(parseBenchOptions(['commits', '--disk', 'memory', '--seconds', '5']), {
    ...{ disk: 'memory', seconds: 5 },
  });
  for (const wrong of [
    ['--disk', 'tape'],
    ['--variants', 'fast'],
  ])
    t.throws(() => parseBenchOptions(['commits', ...wrong]), /usage: npm run bench/);
});

test("the kernel's words: tables of the fence, and what processors did", async (t) => {
  const tables = 'table inet filter\ntable inet hotpair\ntable arp hotpair\ntable netdev hotpair_old\n';
  t.same(tablesOf(tables), [
    ['inet', 'hotpair'],
    ['arp', 'hotpair'],
  ]);
  const stat = 'cpu  10 1 5 70 14 0 0 0 3 0\ncpu0 10 1 5 70 14 0 0 0 3 0\n';
  t.same(parseMachineTicks(stat), { all: 100, idle: 84 });
  t.equal(parseCpuStat('usage_usec 1234500\nuser_usec 1000000\n'), 1234.5);
});

test("columns are filled with groups of digits, as sysbench's", async (t) => {
  t.match(
    fillerOf(119, () => 42),
    /^(00000000042-){9}00000000042$/,
  );
  t.equal(fillerOf(59, () => 42).length, 59);
});
