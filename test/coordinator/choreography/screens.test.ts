// What people read: verdicts, the status screen, the plan of two bare hosts.
import { test } from 'tap';
import { bareFacts, bareObservations } from '../../../coordinator/choreography/bare-facts.ts';
import { STEPS } from '../../../coordinator/choreography/catalog.ts';
import type { PairFacts } from '../../../coordinator/choreography/facts.ts';
import { makePlan, planChanges, renderPlan } from '../../../coordinator/choreography/plan.ts';
import { judgeStatus } from '../../../coordinator/choreography/status.ts';
import {
  duration,
  statusHeading,
  statusNotes,
  statusRows,
} from '../../../coordinator/choreography/status-screen.ts';
import { hostWords } from '../../../coordinator/choreography/step-track.ts';
import { allOk, judge } from '../../../coordinator/choreography/verdicts.ts';
import { alignColumns, type Style } from '../../../coordinator/cli/output.ts';
import { verdictRows } from '../../../coordinator/cli/verdict-rows.ts';
import { MARIADB } from '../../../shared/flavor/mariadb.ts';
import type { Heartbeat } from '../../../shared/model/facts.ts';
import { makeHeartbeat, makeVoting, serverDown } from '../../support/make-heartbeat.ts';
import { makePair, SECRETS } from '../../support/make-pair.ts';

const pair = makePair({ application: true });
const same = (text: string): string => text;
const PLAIN: Style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };
const VIA_DB1 = { answers: true, serverId: 1, writable: true, wrote: true } as const;

function factsOf(a: Heartbeat, b: Heartbeat): PairFacts {
  const [one, two] = bareFacts(pair).hosts;
  return {
    pair,
    hosts: [
      { ...one, heartbeat: a },
      { ...two, heartbeat: b },
    ],
  };
}

function failing(a: Heartbeat, b: Heartbeat, vip: Parameters<typeof judge>[1] = VIA_DB1): string[] {
  return judge(factsOf(a, b), vip, [])
    .filter(({ ok }) => !ok)
    .map(({ subject, detail }) => `${subject}: ${detail}`);
}

test('a healthy pair passes every check', (t) => {
  const verdicts = judge(factsOf(makeHeartbeat('db1'), makeHeartbeat('db2')), VIA_DB1, [
    { from: 'db1', to: 'db2', arrivedMs: 4, error: null },
  ]);
  t.ok(allOk(verdicts));
  t.equal(verdicts.length, 8);
  t.end();
});

test('each check fails by itself, with what was found', (t) => {
  const [db1, db2] = [makeHeartbeat('db1'), makeHeartbeat('db2')];
  t.match(failing(makeHeartbeat('db1', { vip: false }), db2), [
    'VIP on exactly one host: 10.88.0.10 is on no host',
    'Writable there only: writable: db1',
  ]);
  t.match(failing(db1, makeHeartbeat('db2', { vip: true })), [
    'VIP on exactly one host: 10.88.0.10 is on db1 and db2',
    'Writable there only: writable: db1',
  ]);
  t.match(failing(db1, makeHeartbeat('db2', { database: { readOnly: false } })), [
    'Writable there only: writable: db1 and db2',
  ]);
  t.match(failing(db1, makeHeartbeat('db2', { channel: { sqlRunning: false, sqlError: 'duplicate key' } })), [
    'Replication db1 to db2: Slave_IO Yes, Slave_SQL No: duplicate key',
  ]);
  t.match(failing(db1, makeHeartbeat('db2', { channel: null })), ['Replication db1 to db2: not configured']);
  t.match(failing(db1, makeHeartbeat('db2', { guard: null, units: { 'keepalived.service': 'failed' } })), [
    'Services on db2: keepalived.service is failed, the guard is silent',
  ]);
  t.match(failing(db1, db2, { answers: false, error: 'connect ETIMEDOUT' }), [
    'Answers through the VIP: 10.88.0.10: connect ETIMEDOUT',
  ]);
  t.match(failing(db1, db2, { ...VIA_DB1, writable: false }), [
    'Answers through the VIP: db1 answers and is read-only',
  ]);
  t.end();
});

test('a row that does not arrive is a failed check with its remedy below it', (t) => {
  const verdicts = judge(factsOf(makeHeartbeat('db1'), makeHeartbeat('db2')), VIA_DB1, [
    { from: 'db1', to: 'db2', arrivedMs: null, error: null },
  ]);
  const rows = alignColumns(
    verdictRows(
      verdicts.filter(({ ok }) => !ok),
      PLAIN,
    ),
  );
  t.same(rows, [
    '✖ A row from db1 to db2  did not arrive within 5 s',
    '                         coordinator logs db2 shows what its server says.',
  ]);
  t.end();
});

test('the status of a healthy pair fits on one screen', (t) => {
  const host = (heartbeat: Heartbeat, address: string) => ({
    name: heartbeat.host,
    address,
    heartbeat,
    error: null,
  });
  const status = judgeStatus(pair, [
    host(makeHeartbeat('db1'), '10.88.0.11'),
    host(makeHeartbeat('db2'), '10.88.0.12'),
  ]);
  t.equal(
    statusHeading(status, PLAIN),
    'orders  ● healthy   SYNC, each commit on both   VIP 10.88.0.10/24 on db1',
  );
  t.same(alignColumns(statusRows(status, PLAIN)), [
    '              db1 10.88.0.11                  db2 10.88.0.12',
    'role          primary VIP                     standby',
    'server        up 1 h, 10.11.14                up 1 h, 10.11.14',
    'writes        writable                        read-only',
    'replication   IO Yes, SQL Yes TLS             IO Yes, SQL Yes TLS',
    'lag           0 s                             0 s',
    'guard         permits the VIP                 permits the VIP',
    'votes         1 of 3                          1 of 3',
    'services      ✔ mariadb ✔ keepalived ✔ guard  ✔ mariadb ✔ keepalived ✔ guard',
    'position      0-1-42                          0-1-42',
    'disk free     55.9 GiB, 60 %                  55.9 GiB, 60 %',
    'certificates  800 days left                   800 days left',
  ]);
  t.same(statusNotes(status, PLAIN), [], 'nothing to explain');
  t.match(statusNotes({ ...status, fence: 'none' }, PLAIN), [/^No fence /]);
  t.end();
});

test('a pair on its own feet says so, and why', (t) => {
  const voting = makeVoting(true, {
    ...{ phase: 'PRIMARY_SOLO', mode: 'solo', epoch: 8 },
    ...{ votes: { own: 2, peer: 1, witness: 0 }, hears: { peer: false, witness: true } },
  });
  const status = judgeStatus(pair, [
    {
      name: 'db1',
      address: '10.88.0.11',
      heartbeat: makeHeartbeat('db1', { guard: { voting } }),
      error: null,
    },
    { name: 'db2', address: '10.88.0.12', heartbeat: makeHeartbeat('db2'), error: null },
  ]);
  t.match(statusHeading(status, PLAIN), /SOLO, commits on one host only/);
  t.match(alignColumns(statusRows(status, PLAIN)).join('\n'), /^votes +2 of 3, hears no peer +1 of 3$/m);
  t.same(statusNotes(status, PLAIN), [
    'db1: its commits do not wait for the standby yet.',
    'db1: as it should be (T1, for 1 min)',
  ]);
  t.end();
});

test('a dead server and a silent agent are told', (t) => {
  const db2 = { name: 'db2', address: '10.88.0.12', heartbeat: null, error: 'No agent answers on db2.' };
  const db1 = { name: 'db1', address: '10.88.0.11', heartbeat: serverDown('db1'), error: null };
  const status = judgeStatus(pair, [db1, db2]);
  t.match(status, { healthy: false, problem: 'the agent on db2 does not answer', primary: null });
  t.match(alignColumns(statusRows(status, PLAIN))[2], /^server +down +\?$/);
  t.match(statusNotes(status, PLAIN), [/^db1: /, 'db2: No agent answers on db2.']);
  t.match(statusHeading(status, PLAIN), /● not healthy {3}.+ {3}VIP 10\.88\.0\.10\/24 not seen$/);
  t.same(statusRows(judgeStatus(pair, [{ ...db2, name: 'db1' }, db2]), PLAIN), [], 'nothing to show');
  t.end();
});

test('what both hosts do is told once', (t) => {
  const said = (db1: string, db2: string): string => hostWords(new Map(Object.entries({ db2, db1 })));
  t.equal(said('unpacking', 'unpacking'), 'db1 and db2: unpacking');
  t.equal(said('starting', 'unpacking'), 'db2: unpacking · db1: starting');
  t.end();
});

test('durations in the largest unit that says enough', (t) => {
  t.same([0, 59_400, 61_000, 7_200_000, 200_000_000].map(duration), [
    '0 s',
    '59 s',
    '1 min',
    '2 h',
    '2 days',
  ]);
  t.end();
});

test('the plan of two bare hosts, made from the renderers alone, tells everything but secrets', (t) => {
  const facts = bareFacts(pair);
  const plan = makePlan(bareObservations({ flavor: MARIADB, secrets: SECRETS }, STEPS, facts), facts);
  const lines = renderPlan(plan);
  t.same(
    lines.filter((line) => !/^ {6}[+]/.test(line)),
    [
      'Unit drop-ins and trust',
      '  db1, db2: /etc/systemd/system/mariadb.service.d/hotpair.conf: create',
      '  db1, db2: /etc/systemd/system/keepalived.service.d/hotpair.conf: create',
      '  db1, db2: /etc/mysql/hotpair/ca.crt: create',
      '      copy of /etc/hotpair/pki/trusted.crt',
      'Packages',
      '  db1, db2: package mariadb-server: install',
      '  db1, db2: package mariadb-backup: install',
      '  db1, db2: package keepalived: install',
      '  db1, db2: package nftables: install',
      'Database server',
      '  db1, db2: /etc/mysql/hotpair/server.key: create',
      '      copy of /etc/hotpair/pki/database.key',
      '  db1, db2: /etc/mysql/hotpair/server.crt: create',
      '      copy of /etc/hotpair/pki/database.crt',
      '  db1: /etc/mysql/mariadb.conf.d/99-hotpair.cnf: create',
      '  db2: /etc/mysql/mariadb.conf.d/99-hotpair.cnf: create',
      '  db1, db2: mariadb.service: leave the start at boot to the guard',
      '  db1, db2: mariadb.service: start',
      'Accounts and schemas',
      '  db1, db2: schema hotpair: create',
      '  db1, db2: account hotpair_repl@10.88.0.11: create with REPLICATION SLAVE, SLAVE MONITOR, BINLOG MONITOR on *.*',
      '  db1, db2: account hotpair_repl@10.88.0.12: create with REPLICATION SLAVE, SLAVE MONITOR, BINLOG MONITOR on *.*',
      '  db1, db2: account hotpair_verify@%: create with SELECT, INSERT, UPDATE, DELETE on hotpair.*',
      '  db1, db2: database shop: create',
      '  db1, db2: account shop@%: create with ALL PRIVILEGES on shop.*',
      'Replication channels',
      '  db1: replication from 10.88.0.12: configure',
      '  db2: replication from 10.88.0.11: configure',
      'Replication both ways',
      '  db1: replication from 10.88.0.12: start receiving and applying',
      '  db2: replication from 10.88.0.11: start receiving and applying',
      'A row each way',
      '  db1: verify row deploy-db1: insert',
      '  db2: verify row deploy-db2: insert',
      'keepalived',
      '  db1: /etc/keepalived/keepalived.conf: create',
      '  db2: /etc/keepalived/keepalived.conf: create',
      '  db1, db2: keepalived.service: enable',
      '  db1, db2: keepalived.service: start',
      'Guard',
      '  db1, db2: /etc/hotpair/guard.json: create',
      '      [secret content]',
      '  db1, db2: hotpair-guard.service: enable',
      '  db1, db2: hotpair-guard.service: start',
    ],
  );
  const everything = JSON.stringify(planChanges(plan));
  for (const secret of Object.values(SECRETS)) t.notOk(everything.includes(String(secret)));
  t.end();
});
