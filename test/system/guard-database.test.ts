/**
 * The guard's view of its server, and what it does to it, on two real servers that replicate from each other: every
 * fact of the protocol is made true and untrue once, by effects, by hand and by force.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import tap, { type Test, test } from 'tap';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { LabHost } from '../lab/lab.ts';
import { sql } from '../lab/load/tables.ts';
import { startDatabasePair } from '../support/database-pair.ts';
import { type DrivenDatabase, driveDatabase, type SeenFacts } from '../support/driven-database.ts';
import { needsLab } from '../support/needs-lab.ts';

const TIMEOUT_MS = 240_000;
tap.setTimeout(2 * TIMEOUT_MS); // The first run on a machine builds the images.

interface Node {
  readonly host: LabHost;
  readonly database: DrivenDatabase;
}

test('the local server in facts and effects', { skip: needsLab(), timeout: TIMEOUT_MS }, async (t) => {
  await using lab = await startDatabasePair({ log: (line) => t.comment(line) });
  await using one = await driveDatabase(lab.host('db1'));
  await using two = await driveDatabase(lab.host('db2'));
  const a: Node = { host: lab.host('db1'), database: one };
  const b: Node = { host: lab.host('db2'), database: two };
  await readAtRest(t, a, b);
  await openAndConfirm(t, a, b);
  await keepCommitsWaiting(t, a, b);
  await restartThreads(t, b);
  await loseChannelFiles(t, a, b);
  await drain(t, a, b);
  await changeByHand(t, a, b);
  await loseUnconfirmedRow(t, a, b);
  await closeAndResume(t, a, b);
  await findErrantRow(t, a, b);
  await hang(t, a);
  await hangWhileRead(t, a);
});

const settled = (node: Node): Promise<SeenFacts> =>
  node.database.until('both threads to run', (f) => f.streaming && f.sqlRunning && f.drained);

async function readAtRest(t: Test, a: Node, b: Node): Promise<void> {
  for (const node of [a, b]) {
    const facts = await settled(node);
    t.match(facts, { server: 'up', writable: false, semiSync: false, sentinelAcked: false, waitersMs: 0 });
    t.match(facts, { ioRunning: true, sqlError: false, held: false, comparison: 'unknown', trouble: null });
  }
}

async function openAndConfirm(t: Test, a: Node, b: Node): Promise<void> {
  await t.rejects(a.database.perform({ kind: 'writable', until: -1 }), /lease ended/);
  t.equal((await a.database.facts()).writable, false);
  const { threads } = await a.database.facts();
  await a.database.perform({ kind: 'io-thread', on: false });
  t.match(await a.database.facts(), { ioRunning: false, sqlRunning: true, streaming: false, threads });
  await a.database.perform({ kind: 'writable', until: 1000 });
  t.equal((await a.database.facts()).writable, true);
  t.same(await sql(a.host, 'SELECT @@event_scheduler;'), [['ON']]);
  await sql(a.host, 'INSERT INTO app.numbers VALUES (1);');
  const { position } = await a.database.until('a position', (f) => f.position > 0 && f.position < 2 ** 40);
  await b.database.until('the row to be received', (f) => f.received === position && f.drained);
  await a.database.perform({ kind: 'semi-sync', on: true });
  t.equal((await a.database.facts()).semiSync, true);
  await a.database.until('a confirmed row of the guard', (f) => f.sentinelAcked);
  await sql(a.host, 'SET GLOBAL rpl_semi_sync_master_timeout = 1000;');
  t.match(await a.database.facts(), { semiSync: false, sentinelAcked: false }, 'a finite wait is none');
  await a.database.perform({ kind: 'semi-sync', on: true });
  await a.database.until('a confirmed row of the guard', (f) => f.semiSync && f.sentinelAcked);
}

async function keepCommitsWaiting(t: Test, a: Node, b: Node): Promise<void> {
  await b.database.perform({ kind: 'io-thread', on: false });
  t.match(await b.database.facts(), { ioRunning: false, sqlRunning: true, streaming: false });
  const rows = [2, 3, 4].map((id) => sql(a.host, `INSERT INTO app.numbers VALUES (${id});`));
  const waiting = await a.database.until('commits that wait', (f) => f.waitersMs > 700);
  t.match(waiting, { server: 'up', writable: true, semiSync: true }, 'the server answers all the while');
  await a.database.perform({ kind: 'semi-sync', on: false });
  await Promise.all(rows);
  t.match(await a.database.facts(), { semiSync: false, sentinelAcked: false, waitersMs: 0 });
  await a.database.perform({ kind: 'semi-sync', on: true });
  await sleep(300);
  t.equal((await a.database.facts()).sentinelAcked, false, 'nobody is there to confirm');
  await b.database.perform({ kind: 'io-thread', on: true });
  await a.database.until('a confirmed row of the guard', (f) => f.sentinelAcked);
}

async function restartThreads(t: Test, b: Node): Promise<void> {
  const before = await settled(b);
  await sql(b.host, 'STOP SLAVE IO_THREAD; START SLAVE IO_THREAD;');
  t.equal((await settled(b)).threads, before.threads, 'the receiving thread alone throws nothing away');
  await sql(b.host, 'STOP SLAVE; START SLAVE;');
  t.not((await b.database.facts()).threads, before.threads, 'both do');
  await sql(b.host, 'STOP SLAVE;');
  t.match(await b.database.facts(), { ioRunning: false, sqlRunning: false, sqlError: false });
  await t.rejects(b.database.perform({ kind: 'io-thread', on: true }), /would throw away/);
  await b.database.perform({ kind: 'replication-start' });
  await settled(b);
  t.match(await b.database.facts(), { relaySynced: true, diskFull: false }, 'as configured');
  await b.database.perform({ kind: 'relay-sync', on: false });
  t.equal((await b.database.facts()).relaySynced, false);
  await b.database.perform({ kind: 'relay-sync', on: true });
  t.equal((await b.database.facts()).relaySynced, true);
}

/** What a power loss does to files that the server had not synced; the position is in InnoDB and stays. */
async function loseChannelFiles(t: Test, a: Node, b: Node): Promise<void> {
  for (const loss of [
    ['truncate', '--size=0', '/var/lib/mysql/master.info'],
    ['truncate', '--size=0', '/var/lib/mysql/relay-log.info'],
    ['rm', '/var/lib/mysql/master.info'],
  ]) {
    const { threads, received } = await settled(b);
    await kill(b);
    await b.database.until('the death to be noticed', (f) => f.server === 'down');
    await b.host.exec(loss);
    // Not through the guard: it pauses between starts.
    await b.host.exec(['systemctl', 'start', 'mariadb.service']);
    await b.database.until('the server to be back', (f) => f.server === 'up');
    await b.database.perform({ kind: 'replication-start' });
    const back = await settled(b);
    t.ok(back.threads > threads, 'what was received before does not count');
    t.equal(back.received, received, loss.join(' '));
  }
  const certificate = await sql(b.host, 'SHOW SLAVE STATUS;');
  t.ok(certificate[0]?.includes('/etc/mysql/hotpair/ca.crt'), 'over TLS as before');
  await a.database.until('a confirmed row of the guard', (f) => f.sentinelAcked);
}

async function drain(t: Test, a: Node, b: Node): Promise<void> {
  await sql(b.host, 'STOP SLAVE SQL_THREAD;');
  await sql(a.host, 'INSERT INTO app.numbers VALUES (5);');
  const { position } = await a.database.facts();
  const behind = await b.database.until('the row to be received', (f) => f.received >= position);
  t.match(behind, { drained: false, sqlRunning: false });
  await sql(b.host, 'START SLAVE SQL_THREAD;');
  await settled(b);
  await sql(b.host, 'SET SESSION sql_log_bin = 0; INSERT INTO app.numbers VALUES (6);');
  await sql(a.host, 'INSERT INTO app.numbers VALUES (6);');
  await b.database.until('the applier to fail', (f) => f.sqlError && !f.sqlRunning);
  await sql(
    b.host,
    'SET SESSION sql_log_bin = 0; DELETE FROM app.numbers WHERE id = 6; START SLAVE SQL_THREAD;',
  );
  t.equal((await settled(b)).sqlError, false);
}

async function changeByHand(t: Test, a: Node, b: Node): Promise<void> {
  await sql(b.host, 'SET GLOBAL read_only = 0;');
  t.equal((await b.database.facts()).writable, true);
  await sql(b.host, 'SET GLOBAL read_only = 1;');
  t.equal((await b.database.facts()).writable, false);
  a.database.changes.length = 0;
  const connections = await sql(
    a.host,
    "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'root' AND ID <> CONNECTION_ID();",
  );
  t.ok(connections.length >= 4);
  await sql(a.host, connections.map(([id]) => `KILL CONNECTION ${id};`).join('')).catch(() => undefined);
  await a.database.until('the server to be read again', (f) => f.server === 'up' && f.position < 2 ** 40);
  t.same(a.database.changes, [], 'a killed connection is no killed server');
}

/** The old primary is killed with a row that nobody confirmed, and follows the new one without it. */
async function loseUnconfirmedRow(t: Test, a: Node, b: Node): Promise<void> {
  const { position, threads } = await a.database.facts();
  await b.database.perform({ kind: 'io-thread', on: false });
  const unconfirmed = sql(a.host, 'INSERT INTO app.numbers VALUES (7);').catch(() => 'lost');
  await a.database.until('a commit that waits', (f) => f.waitersMs > 0 && f.position > position);
  await kill(a);
  t.equal(await unconfirmed, 'lost');
  const gone = await a.database.until('the death to be noticed', (f) => f.server === 'down');
  t.match(gone, { writable: false, semiSync: false, ioRunning: false, waitersMs: 0, drained: false });
  await b.database.perform({ kind: 'writable', until: 1000 });
  await sql(b.host, 'INSERT INTO app.numbers VALUES (8), (9);');
  await a.database.perform({ kind: 'server-start', role: 'slave' });
  await t.rejects(
    a.database.perform({ kind: 'server-start', role: 'slave' }),
    /being started already|did not last/,
  );
  const back = await a.database.until('the server to be back', (f) => f.server === 'up');
  t.equal(back.position, position, 'the row is not in the log any more');
  t.match(back, { writable: false, semiSync: false, ioRunning: false, sqlRunning: false, drained: true });
  t.ok(back.threads > threads);
  await a.database.compare(true);
  await a.database.until('the comparison', (f) => f.comparison === 'clean' && f.trouble === null);
  await a.database.perform({ kind: 'replication-start' });
  await settled(a);
  t.same(await rows(a), await rows(b));
  t.notOk((await rows(a)).includes('7'));
}

/** The new primary's way back runs as well; it is closed for writes in time or not at all. */
async function closeAndResume(t: Test, a: Node, b: Node): Promise<void> {
  await sql(b.host, 'STOP SLAVE;');
  await b.database.perform({ kind: 'way-back', peerHas: 0 });
  await settled(b);
  t.equal((await b.database.facts()).applied, (await a.database.facts()).position);
  await goAhead(t, a, b);
  const locked = sql(b.host, 'LOCK TABLES app.numbers WRITE; SELECT SLEEP(4);');
  await waitFor(
    'the lock',
    async () => {
      const found = await sql(
        b.host,
        "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(4)';",
      );
      return found.length === 1 ? true : undefined;
    },
    { deadlineMs: 3000, intervalMs: 20 },
  );
  await t.rejects(b.database.perform({ kind: 'read-only', withinMs: 300 }), /max_statement_time/);
  t.equal((await b.database.facts()).writable, true);
  await locked;
  await b.database.perform({ kind: 'read-only', withinMs: 300 });
  t.equal((await b.database.facts()).writable, false);
  t.same(await sql(b.host, 'SELECT @@event_scheduler;'), [['OFF']]);
  await b.database.perform({ kind: 'writable', until: 1000 });
}

/** After much has been written without the way back it does not read all of that again. */
async function goAhead(t: Test, a: Node, b: Node): Promise<void> {
  await b.database.perform({ kind: 'io-thread', on: false });
  const one = (_: unknown, index: number): string => `INSERT INTO app.numbers VALUES (${2001 + index});`;
  await sql(b.host, Array.from({ length: 1200 }, one).join(''));
  const { position } = await b.database.facts();
  await a.database.until('the rows', (f) => f.applied === position);
  await b.database.perform({ kind: 'way-back', peerHas: position });
  const facts = await settled(b);
  t.equal(facts.writable, true);
  t.match(await sql(b.host, 'SELECT @@gtid_slave_pos, @@gtid_strict_mode;'), [
    [new RegExp(`\\b0-2-${position}\\b`), '1'],
  ]);
  await sql(b.host, 'DELETE FROM app.numbers WHERE id > 2000;');
  const after = await b.database.facts();
  await a.database.until('the deletion', (f) => f.applied === after.position);
  t.same(await rows(a), await rows(b));
}

/** Over the way back the row would come to the primary, and be errant no more. */
async function findErrantRow(t: Test, a: Node, b: Node): Promise<void> {
  await b.database.perform({ kind: 'io-thread', on: false });
  await sql(a.host, 'STOP SLAVE; INSERT INTO app.numbers VALUES (1000), (1001);');
  const found = await a.database.until('the errant transaction', (f) => f.comparison === 'errant');
  t.equal(found.trouble, `Only here: 0-1-${found.position}.`);
  await a.database.compare(false);
  t.equal((await a.database.facts()).comparison, 'unknown');
}

async function hang(t: Test, a: Node): Promise<void> {
  const pid = String(await a.host.pidOf('mariadb.service'));
  await a.host.exec(['kill', '-STOP', pid]);
  await a.database.until('the hang to be noticed', (f) => f.server === 'hung');
  await a.host.exec(['kill', '-CONT', pid]);
  await a.database.until('the server to answer', (f) => f.server === 'up');
  await a.host.exec(['kill', '-STOP', pid]);
  await a.database.until('the hang to be noticed', (f) => f.server === 'hung');
  await a.database.perform({ kind: 'server-kill' });
  await a.database.until('its end', (f) => f.server === 'down');
  await a.host.exec(['touch', HOST_PATHS.holdServer]);
  t.equal((await a.database.facts()).held, true);
  await t.rejects(a.database.perform({ kind: 'server-start', role: 'master' }), /held down/);
  await a.host.exec(['rm', HOST_PATHS.holdServer]);
  await a.database.perform({ kind: 'server-start', role: 'master' });
  t.equal((await a.database.facts()).server, 'starting');
  await a.database.until('the server to be back', (f) => f.server === 'up');
  const names = a.database.changes.join(' ');
  t.match(names, /hung up hung (starting )?down starting up$/, 'each change was told');
}

/** Between two statements of one reading, on two connections: its silence is heard before the second one is given up. */
async function hangWhileRead(t: Test, { host }: Node): Promise<void> {
  await using database = await driveDatabase(host, '--proxied');
  await database.until('the server to be read', (f) => f.server === 'up');
  const pid = await host.pidOf('mariadb.service');
  await database.stopAt('RPL_SEMI_SYNC_MASTER_YES_TX', Number(pid));
  await database.until('the hang to be noticed', (f) => f.server === 'hung');
  await host.exec(['kill', '-CONT', String(pid)]);
  await database.until('the server to answer', (f) => f.server === 'up');
  t.match(database.changes.join(' '), /^(starting )?up hung /, 'not only when the question was given up');
}

async function kill(node: Node): Promise<void> {
  await node.host.exec(['kill', '-KILL', String(await node.host.pidOf('mariadb.service'))]);
}

async function rows(node: Node): Promise<string[]> {
  return (await sql(node.host, 'SELECT id FROM app.numbers ORDER BY id;')).map(([id]) => String(id));
}
