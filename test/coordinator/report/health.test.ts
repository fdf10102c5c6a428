import { test } from 'tap';
import { sentencesOf } from '../../../coordinator/report/findings.ts';
import { formatHtml } from '../../../coordinator/report/format-html.ts';
import { formatText } from '../../../coordinator/report/format-text.ts';
import { judgeHealth, judgePair } from '../../../coordinator/report/health.ts';
import type { PairReadings } from '../../../coordinator/report/health-report.ts';
import { HOST_HEALTH_RULES } from '../../../coordinator/report/host-health-rules.ts';
import { PAIR_HEALTH_RULES } from '../../../coordinator/report/pair-health-rules.ts';
import { columnsOf } from '../../../coordinator/report/units.ts';
import { WORDS } from '../../../coordinator/report/words.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';
import { type HeartbeatWish, makeHeartbeat, serverDown, VIP } from '../../support/make-heartbeat.ts';
import { HOUR_MS, makeReadings, NOW } from '../../support/make-readings.ts';
import { makeTrend } from '../../support/make-trend.ts';

const DAY_MS = 24 * HOUR_MS;
const db1 = (wish: HeartbeatWish = {}) => makeHeartbeat('db1', { time: NOW, ...wish });
const db2 = (wish: HeartbeatWish = {}) => makeHeartbeat('db2', { time: NOW, ...wish });
const context = { time: NOW, timezone: 'Asia/Shanghai', missed: [] };

let nextId = 1;
const event = (kind: StoredEvent['kind'], hoursAgo: number, data: StoredEvent['data'] = {}): StoredEvent => {
  nextId += 1;
  return { id: nextId, time: NOW - hoursAgo * HOUR_MS, pair: 'orders', host: null, kind, message: '', data };
};
const moved = (hoursAgo: number, gapMs: number | null) =>
  event('VipMoved', hoursAgo, { from: 'db1', to: 'db2', gapMs });

/** "H2 critical db1" for each finding. */
const found = (readings: PairReadings): string[] =>
  judgePair(readings, NOW).findings.map(
    (finding) => `${finding.rule} ${finding.severity} ${finding.subject}`,
  );

test('a healthy pair needs no attention, and its verdict says who is who', async (t) => {
  const report = judgePair(makeReadings(), NOW);
  t.same(report.findings, []);
  t.match(report, { grade: 'healthy', primary: 'db1', vipHolders: ['db1'], outageMs: 0, gtidDifference: [] });
  t.equal(report.headline, `HEALTHY: orders: db1 is primary and holds the VIP ${VIP}, db2 follows.`);
});

test('each thing that is wrong is found by its rule, the most urgent first', async (t) => {
  const rows: [string, PairReadings, string[]][] = [
    [
      'both accept writes',
      makeReadings({ db2: db2({ database: { readOnly: false } }) }),
      ['P1 critical orders'],
    ],
    [
      'both hold the VIP',
      makeReadings({ db2: db2({ vip: true }) }),
      ['P2 critical orders', 'H1 critical db2'],
    ],
    ['nobody holds the VIP', makeReadings({ db1: db1({ vip: false }) }), ['P3 critical orders']],
    [
      'the holder is read-only',
      makeReadings({ db1: db1({ database: { readOnly: true } }) }),
      ['H1 critical db1'],
    ],
    [
      'the server of the standby is down',
      makeReadings({ db2: serverDown('db2', { time: NOW }) }),
      ['H2 critical db2'],
    ],
    [
      'failed over, old primary down',
      makeReadings({
        db1: serverDown('db1', { time: NOW, vip: false }),
        db2: db2({ primary: true, channel: { ioRunning: 'Connecting' } }),
        events: [moved(1, 300)],
      }),
      ['H2 critical db1', 'P5 warning orders', 'H4 warning db2'],
    ],
    [
      'a take-over at this moment: its own channel stands still, and the old primary is told of as it was',
      makeReadings({
        db1: db1({ vip: false, guard: { role: 'primary' } }),
        db2: db2({ primary: true, channel: { ioRunning: 'No', sqlRunning: false } }),
      }),
      ['P1 critical orders', 'H4 warning db2'],
    ],
    [
      'a take-over, and the old primary is back but does not follow yet',
      makeReadings({
        db1: db1({ primary: false, channel: { ioRunning: 'No' } }),
        db2: db2({ primary: true, channel: { ioRunning: 'No' } }),
      }),
      ['H4 critical db1', 'H4 warning db2'],
    ],
    [
      'the standby is back and follows, and the primary still does not replicate from it',
      makeReadings({ db1: db1({ channel: { ioRunning: 'No' } }) }),
      ['H4 critical db1'],
    ],
    [
      'the standby is down, and the primary could not apply what it sent before',
      makeReadings({
        db1: db1({ channel: { sqlRunning: false, sqlError: 'Duplicate entry' } }),
        db2: serverDown('db2', { time: NOW }),
      }),
      ['H2 critical db2', 'H4 critical db1'],
    ],
    ['no answer from an agent', makeReadings({ db2: 'No agent answers.' }), ['H3 critical db2']],
    [
      'no answer from any agent',
      makeReadings({ db1: 'No.', db2: 'No.' }),
      ['H3 critical db1', 'H3 critical db2'],
    ],
    [
      'standby ahead',
      makeReadings({ db2: db2({ database: { gtidBinlogPos: '0-2-45' } }) }),
      ['P4 critical orders'],
    ],
    [
      'standby looked at later: what it has more the primary wrote',
      makeReadings({ db2: db2({ database: { gtidBinlogPos: '0-1-45' } }) }),
      [],
    ],
    [
      'own domain of the standby',
      makeReadings({ db2: db2({ database: { gtidBinlogPos: '0-1-42,102-2-9' } }) }),
      [],
    ],
    ['standby behind', makeReadings({ db2: db2({ database: { gtidBinlogPos: '0-1-40' } }) }), []],
    [
      'SQL thread stopped',
      makeReadings({ db2: db2({ channel: { sqlRunning: false } }) }),
      ['H4 critical db2'],
    ],
    ['no replication', makeReadings({ db1: db1({ channel: null }) }), ['H4 critical db1']],
    ['guard silent', makeReadings({ db2: db2({ guard: null }) }), ['H5 critical db2']],
    [
      'keepalived failed',
      makeReadings({ db2: db2({ units: { 'keepalived.service': 'failed' } }) }),
      ['H6 critical db2'],
    ],
    ['disk 90 % full', makeReadings({ db1: db1({ rest: { diskFreeBytes: 10e9 } }) }), ['H7 warning db1']],
    ['disk 97 % full', makeReadings({ db1: db1({ rest: { diskFreeBytes: 3e9 } }) }), ['H7 critical db1']],
    [
      'certificates',
      makeReadings({ db1: db1({ rest: { certificates: { agent: NOW + 20 * DAY_MS, database: NOW - 1 } } }) }),
      ['H8 critical db1', 'H8 warning db1'],
    ],
    ['lag', makeReadings({ db2: db2({ channel: { secondsBehind: 40 } }) }), ['H9 warning db2']],
    ['clock', makeReadings({ db2: db2({ time: NOW - 5000 }) }), ['H10 warning db2']],
    [
      'a file that somebody has changed',
      makeReadings({
        db2: db2({ rest: { drift: [{ path: '/etc/mysql/x.cnf', how: 'content', stamp: 'a' }] } }),
      }),
      ['H11 warning db2'],
    ],
    [
      'versions',
      makeReadings({ db2: db2({ database: { version: '10.11.15-MariaDB' } }) }),
      ['P6 warning orders'],
    ],
    ['a disk that fills in three weeks', makeReadings({ trend: makeTrend(3e9) }), ['H12 warning db1']],
    ['a disk that fills in five days', makeReadings({ trend: makeTrend(12e9) }), ['H12 critical db1']],
    ['a failover in the period', makeReadings({ events: [moved(3, 412)] }), ['P5 warning orders']],
  ];
  for (const [what, readings, expected] of rows) t.same(found(readings), expected, what);
  for (const finding of rows.flatMap(([, readings]) => judgePair(readings, NOW).findings)) {
    t.match(finding, sentencesOf(WORDS.en.findings, finding));
    const { detail, remedy } = sentencesOf(WORDS.zh.findings, finding);
    for (const sentence of [detail, remedy]) t.match(sentence, /[\u4e00-\u9fff].*。$/);
  }
  const shown = new Set(rows.flatMap(([, , expected]) => expected.map((line) => line.split(' ')[0])));
  for (const rule of [...PAIR_HEALTH_RULES, ...HOST_HEALTH_RULES])
    t.ok(shown.has(rule.id), `${rule.id} is shown above`);
});

test('moves of the VIP in a drill are listed, but are no failovers and no outage', async (t) => {
  const events = [
    moved(9, 400),
    event('DrillStarted', 5),
    moved(5, 300),
    event('DrillFinished', 4.99),
    moved(3, null),
    moved(2, 100),
  ];
  const report = judgePair(makeReadings({ events }), NOW);
  t.same(
    report.failovers.map((one) => one.drill),
    [false, true, false, false],
  );
  t.equal(report.outageMs, 500);
  t.match(report.findings, [
    {
      rule: 'P5',
      detail: 'The VIP moved 3 times in the period, clients were interrupted for 500 ms in all.',
    },
  ]);
  const killed = judgePair(makeReadings({ events: [event('DrillStarted', 5), moved(4, 300)] }), NOW);
  t.equal(
    killed.failovers[0]?.drill,
    false,
    'a drill that never said its end does not hide what comes hours later',
  );
});

test('a VIP that was away and came back is an interruption, and no failover', async (t) => {
  const back = { ...event('VipRestored', 2, { missingMs: 4200 }), host: 'db2' };
  const report = judgePair(makeReadings({ events: [moved(3, 400), back, event('VipRestored', 1)] }), NOW);
  t.equal(report.outageMs, 4600);
  t.match(report.failovers, [
    { from: 'db1', to: 'db2' },
    { from: 'db2', to: 'db2', gapMs: 4200 },
  ]);
  t.equal(
    report.findings[0]?.detail,
    'The VIP moved once and was away once in the period, clients were interrupted for 4.6 s in all.',
  );
  t.match(
    formatText(judgeHealth([makeReadings({ events: [back] })], context), 'en'),
    /Failovers in the last 24 h: 0; interrupted for 4\.2 s in all\./,
  );
});

test('the text begins with the verdict, then what needs attention first, then the facts', async (t) => {
  const report = judgeHealth(
    [
      makeReadings({
        db1: serverDown('db1', { time: NOW, vip: false }),
        db2: db2({ primary: true }),
        events: [moved(1, 412)],
      }),
    ],
    { ...context, missed: [NOW - 2 * DAY_MS, NOW - DAY_MS] },
  );
  t.equal(
    formatText(report, 'en'),
    `CRITICAL: orders: db1: The database server does not answer (socket closed); 1 more below.
Health report of 2026-11-22 16:00:00 Asia/Shanghai
2 reports from 2026-11-20 16:00:00 to 2026-11-21 16:00:00 were missed: the daemon was not running.

orders  VIP ${VIP}

Needs attention first
 1. critical  db1: The database server does not answer (socket closed).
              coordinator logs db1 shows why; coordinator deploy starts it.
 2. warning   orders: The VIP moved once in the period, clients were interrupted for 412 ms in all.
              coordinator events shows what came before.

Interruptions
  time                 VIP        without it  why
  2026-11-22 15:00:00  db1 → db2  412 ms      ?

Hosts
                db1                 db2
  address       10.88.0.11          10.88.0.12
  role          down                primary, VIP
  server        down                10.11.14, up 60 min
  writes        no                  yes
  replication   the server is down  from db1, both threads run
  lag           ?                   0 s
  disk free     60.0 GB (60 %)      60.0 GB (60 %)
  load          0.10                0.10
  host up       24 h                24 h
  certificates  800 days            800 days

Failovers in the last 24 h: 1; interrupted for 412 ms in all.
GTID difference: not known, a server does not answer.
`,
  );
});

/** What stays as it is in Chinese: names, commands, units, and words of servers. */
const NOT_CHINESE =
  /coordinator (?:logs|deploy|events|drill)|agent|database|orders|stock|db[12]|UTC|VIP|GTID|SYNC|binlog|MB|GB|guard|socket closed|Asia\/Shanghai/g;

test('in Chinese: the same report, nothing in English but names, and columns that stand below each other', async (t) => {
  const events = [moved(3, 400), event('VipRestored', 1)];
  const orders = makeReadings({ db1: serverDown('db1', { time: NOW }), trend: makeTrend(3e9), events });
  const stock = { ...orders, pair: { ...orders.pair, name: 'stock' } };
  const report = judgeHealth([orders, stock], { ...context, missed: [NOW - DAY_MS] });
  const [text, html] = [formatText(report, 'zh'), formatHtml(report, 'zh')];
  t.match(text, /^严重：共 2 组双机；严重：orders、stock。\n健康报告，/);
  t.match(html, /<html lang="zh-CN">/);
  const visible = html.replaceAll(/<img[^>]*>|<[^>]*>/g, ' ');
  for (const shown of [text, visible]) {
    const rest = shown.replaceAll(NOT_CHINESE, '');
    t.same(rest.match(/[A-Za-z]{4,}/g) ?? [], []);
    t.match(shown, /错过了/);
  }
  const begins = [...text.matchAll(/^( {2}(?:地址|可写|磁盘写满|主机已运行) +)\S/gm)].map(([, before]) =>
    columnsOf(before ?? ''),
  );
  t.equal(begins.length, 8, 'four rows of each pair');
  t.equal(new Set(begins.slice(0, 4)).size, 1);
});

test('a length that only heartbeats know is told as what it was at most', async (t) => {
  const known = { from: 'db1', to: 'db2', gapMs: 412, ended: NOW - HOUR_MS };
  const events = [
    event('VipMoved', 0.5, { ...known, gapFrom: 'guards' }),
    event('VipMoved', 0.4, { ...known, gapFrom: 'heartbeats' }),
  ];
  const report = judgeHealth([makeReadings({ events })], context);
  t.match(formatText(report, 'en'), /15:00:00 +db1 → db2 +412 ms .*\n.*15:00:00 +db1 → db2 +at most 412 ms /);
  t.match(formatText(report, 'zh'), /最多 412 毫秒/);
});

test('several pairs share one report; its verdict is the worst and names them', async (t) => {
  const stock = { ...makeReadings({ db1: db1({ vip: false }) }) };
  const report = judgeHealth([makeReadings(), { ...stock, pair: { ...stock.pair, name: 'stock' } }], context);
  t.equal(report.grade, 'critical');
  t.match(formatText(report, 'en'), /^CRITICAL: 2 pairs; critical: stock; healthy: orders\.\n/);
});

test('the HTML is safe to mail: no script, no link, and words of servers are text', async (t) => {
  const nasty = `<script>alert("1")</script>&'`;
  const html = formatHtml(
    judgeHealth(
      [
        makeReadings({
          ...{ db1: serverDown('db1', { time: NOW, database: { error: nasty } }), db2: nasty },
          trend: makeTrend(),
        }),
      ],
      context,
    ),
    'en',
  );
  t.notMatch(html, /<script|<a |<link|<style|https?:|url\(|\son\w+=/i);
  for (const [, source] of html.matchAll(/<img src="([^"]*)"/g))
    t.match(source, /^data:image\/png;base64,[A-Za-z0-9+/=]+$/, 'pictures are in the page');
  t.ok(html.length < 100_000, 'mail programs cut what is longer');
  t.match(html, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;&#39;/);
  const tags = [...html.matchAll(/<(\/?)([a-z0-9]+)/g)].filter(
    ([, , tag]) => !['meta', 'br', 'img'].includes(tag ?? ''),
  );
  const open: string[] = [];
  for (const [, close, tag] of tags) {
    if (close === '/') t.equal(open.pop(), tag);
    else open.push(tag ?? '');
  }
  t.same(open, [], 'every element is closed');
});
