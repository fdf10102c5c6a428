import { readFileSync } from 'node:fs';
import { test } from 'tap';
import { renderAccounts, renderKeepalived, renderServer } from '../../bench/baseline/config.ts';
import type { FailoverResult } from '../../bench/failover-run.ts';
import { failoverTable, summarize } from '../../bench/failover-summary.ts';
import { parseBenchOptions } from '../../bench/options.ts';
import { renderFile, simulatedPairs } from '../../bench/pairs/fleet.ts';
import { beatsOf } from '../../bench/pairs/simulated-beats.ts';
import {
  parseEndedTicks,
  parseParent,
  parseTicks,
  parseUsageMs,
  parseWaitMs,
} from '../../bench/processor-time.ts';
import {
  documentPath,
  type KeptResult,
  readResults,
  renderDocument,
  withEarlier,
} from '../../bench/results.ts';
import { writingStatements } from '../../bench/second-deploy.ts';
import { percentile, spreadOf } from '../../bench/statistics.ts';
import { duration, renderMarkdown, renderPlain } from '../../bench/table.ts';
import { parseSpec } from '../../coordinator/config/load.ts';
import { mergeChanges } from '../../shared/model/heartbeat-changes.ts';

test('a spread tells median and worst, and p95 from 20 runs on', async (t) => {
  t.same(spreadOf([3, 1, 2]), { runs: 3, median: 2, worst: 3 });
  t.same(spreadOf([4, 1, 2, 3]), { runs: 4, median: 3, worst: 4 });
  const twenty = Array.from({ length: 20 }, (_, index) => index + 1);
  t.same(spreadOf(twenty), { runs: 20, median: 11, p95: 19, worst: 20 });
});

test('a percentile is the value of the nearest rank', async (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  t.same(
    [0.5, 0.99, 1].map((share) => percentile(hundred, share)),
    [50, 99, 100],
  );
  t.equal(percentile([7], 0.01), 7);
});

test('simulated pairs are pairs that the coordinator takes, none in the way of another', async (t) => {
  const pairs = simulatedPairs(300);
  const spec = parseSpec(renderFile(pairs, '/var/lib/bench'), '/etc/hotpair.yaml');
  t.equal(spec.pairs.length, 300);
  t.same(
    spec.pairs.map(({ name }) => name),
    pairs.map(({ name }) => name),
  );
});

test('beats of a simulated host are what a coordinator takes, and move', async (t) => {
  for (const pair of simulatedPairs(2))
    for (const host of pair.hosts) {
      const next = beatsOf(pair, host, 1000);
      const first = mergeChanges(null, next(2000).changes);
      const { changes, lagSeconds } = next(3000);
      const second = mergeChanges(first, changes);
      t.match(second, { host: host.name, sequence: 2, time: 3000, guard: { updated: 3000 } });
      t.match(second.database.channel, { secondsBehind: lagSeconds });
      t.not(second.database.commits, first.database.commits);
      t.ok(second.addresses.some(({ address }) => address === host.address));
    }
});

test('a run without an end is worse than every number', async (t) => {
  t.same(spreadOf([5, null, 6]), { runs: 3, median: 6, worst: null });
  t.same(spreadOf([null, null, 6]), { runs: 3, median: null, worst: null });
  t.equal(duration(null, 'no takeover'), 'no takeover');
  t.equal(duration(640.4, ''), '640 ms');
  t.equal(duration(2134, ''), '2.13 s');
});

test('tables for a terminal and for a document', async (t) => {
  const table = { head: ['fault', 'ms'], rows: [['kill', '12']] };
  t.equal(renderPlain(table), 'fault  ms\n-----  --\nkill   12');
  t.equal(renderMarkdown(table), '| fault | ms |\n|---|---|\n| kill | 12 |');
});

const result = (system: 'hotpair' | 'baseline', changes: Partial<FailoverResult> = {}): FailoverResult => ({
  system,
  fault: 'kill',
  run: 1,
  holderBefore: 'db1',
  holderAfter: 'db2',
  outageMs: 500,
  returnGapMs: null,
  acknowledged: 100,
  lost: 0,
  missingAtTakeover: 0,
  unexpected: 0,
  duplicate: 0,
  differing: 0,
  writerOverlaps: 0,
  twoHoldersMs: 0,
  wholeMs: 4000,
  ...changes,
});

test('runs are summed up per fault and pair', async (t) => {
  const runs = [
    result('hotpair'),
    result('hotpair', { outageMs: 700, lost: 2, twoHoldersMs: 30, wholeMs: null }),
    result('baseline', { outageMs: null, missingAtTakeover: null }),
  ];
  t.match(summarize(runs), [
    {
      system: 'hotpair',
      outageMs: { runs: 2, median: 600 },
      acknowledged: 200,
      lost: 2,
      twoHoldersMs: 30,
      repaired: 1,
    },
    { system: 'baseline', outageMs: { runs: 1, median: null }, missingAtTakeover: 0 },
  ]);
  const { head, rows } = failoverTable(runs);
  t.ok(rows.every((cells) => cells.length === head.length));
  t.equal(rows[1]?.[3], 'no takeover');
});

test('options: defaults, choices, and a refusal with the usage', async (t) => {
  t.match(parseBenchOptions(['failover']), {
    runs: 10,
    faults: ['kill', 'power', 'hang', 'cut'],
    json: false,
  });
  t.match(
    parseBenchOptions(['failover', '--runs', '3', '--only', 'baseline', '--faults', 'kill', '--json']),
    {
      runs: 3,
      systems: ['baseline'],
      faults: ['kill'],
      json: true,
    },
  );
  t.match(parseBenchOptions(['pairs']), { pairs: [10, 100, 1000], guards: 'none' });
  t.match(parseBenchOptions(['pairs', '--pairs', '5', '--guards', 'voting']), {
    pairs: [5],
    guards: 'voting',
  });
  for (const wrong of [
    [],
    ['pairs', '--pairs', '0'],
    ['pairs', '--guards', 'asleep'],
    ['fast'],
    ['failover', '--runs', '0'],
    ['failover', '--faults', 'fire'],
    ['deploy', 'x'],
    ['idle', '--x'],
  ])
    t.throws(() => parseBenchOptions(wrong), /usage: npm run bench/, wrong.join(' '));
});

test('processor time is read behind a process name with blanks and brackets', async (t) => {
  const stat = '42 (no (de) x) S 7 42 42 0 -1 4194560 1 2 3 4 10 20 5 7 20 0 11 0 100 1 2';
  t.same([parseTicks(stat), parseEndedTicks(stat), parseParent(stat)], [42, 12, '7']);
});

test('the time without a processor is the second number of schedstat', async (t) => {
  t.equal(parseWaitMs('4393422398 12798227270 10843\n'), 12798.22727);
});

test('processor time of a control group is in microseconds', async (t) => {
  t.equal(parseUsageMs('usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\n'), 1234.567);
});

test('a general log tells the statements that change something', async (t) => {
  const log = [
    "261122 16:00:01\t     8 Query\tSET GLOBAL general_log_file='/x'",
    '\t\t     9 Query\tSELECT @@read_only',
    '\t\t     9 Query\tSHOW SLAVE STATUS',
    "\t\t     9 Query\tCREATE USER 'a'@'%'",
    '\t\t     9 Query\tset global read_only=1',
    '\t\t     9 Execute\tINSERT INTO hotpair.verify VALUES (1)',
    '\t\t     9 Execute\tINSERT INTO app.x VALUES (1)',
    '\t\t     9 Query\tSTART TRANSACTION',
  ].join('\n');
  t.same(writingStatements(log), [
    "CREATE USER 'a'@'%'",
    'set global read_only=1',
    'INSERT INTO app.x VALUES (1)',
  ]);
});

test("the baseline is the how-to's configuration", async (t) => {
  const first = { ordinal: 1, name: 'old1', interface: 'eth0' } as const;
  t.match(
    renderServer(first),
    /server-id = 1\n[\s\S]*auto_increment_increment = 2\nauto_increment_offset = 1\nslave-skip-errors = all\n$/,
  );
  const keepalived = renderKeepalived(
    { ...first, ordinal: 2 },
    { address: '10.88.0.20', prefix: 24, routerId: 77 },
  );
  t.match(
    keepalived,
    /interval 2\n[\s\S]*state BACKUP\n {4}nopreempt\n[\s\S]*priority 90\n {4}advert_int 1\n/,
  );
  const names = { database: 'app', user: 'app', password: 'x', replicationPassword: 'y' };
  t.match(renderAccounts(names), /GRANT REPLICATION SLAVE/);
});

test('a failover bench of some faults leaves the rows of the others, with their date', async (t) => {
  const machine = { cpus: '2', memoryGb: 24, kernel: '6' };
  const keep = (day: string, faults: readonly FailoverResult['fault'][], runs: number): KeptResult => ({
    ...{ bench: 'failover', cuts: [], failed: [], machine, measuredAt: `2026-11-${day}T00:00:00Z` },
    results: faults.map((fault) => result('hotpair', { fault, run: runs })),
  });
  const joined = withEarlier(keep('20', ['kill', 'power'], 1), keep('21', ['hang'], 2));
  const again = withEarlier(joined, keep('22', ['kill'], 3));
  t.match(again, {
    measuredAt: '2026-11-22T00:00:00Z',
    earlier: { power: '2026-11-20T00:00:00Z', hang: '2026-11-21T00:00:00Z' },
    results: [
      { fault: 'power', run: 1 },
      { fault: 'hang', run: 2 },
      { fault: 'kill', run: 3 },
    ],
  });
  t.match(renderDocument([again]), /^Measured 2026-11-22; power 2026-11-20; hang 2026-11-21 on 2, 24 GB/m);
});

test('docs/benchmarks.md is what the kept results say', async (t) => {
  t.equal(readFileSync(documentPath, 'utf8'), renderDocument(readResults()), 'run: npm run bench -- docs');
});
