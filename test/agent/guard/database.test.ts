import { test } from 'tap';
import { Coalesced } from '../../../agent/guard/database/coalesced.ts';
import { isConfirmed, NO_COMMITS, observe, stretchOf } from '../../../agent/guard/database/commit-watch.ts';
import { compareLogs } from '../../../agent/guard/database/comparison.ts';
import { DiskRoom, isFull } from '../../../agent/guard/database/disk-room.ts';
import {
  parseChannel,
  parseCore,
  parseSemiSync,
  READ_SEMI_SYNC,
  type SemiSyncReading,
  sequenceOf,
} from '../../../agent/guard/database/readings.ts';
import { findServer, isAlive, isListed, parseStat } from '../../../agent/guard/database/server-process.ts';
import { isHang, isLockWait, type Writing, withAnswer } from '../../../agent/guard/database/write-probe.ts';
import { createLogger } from '../../../shared/runtime/logger.ts';

const CORE = {
  readOnly: 0,
  semiSync: 1,
  timeout: '18446744073709551615',
  waitNoSlave: 1,
  waitPoint: 'AFTER_SYNC',
  binlogPos: '0-1-42,102-2-7',
  binlogState: '0-2-40,0-1-42,102-2-7',
};

test('commits wait only when nothing ends their wait but the standby', async (t) => {
  t.match(parseCore(CORE), { writable: true, waits: true, enabled: true, binlogPos: '0-1-42,102-2-7' });
  for (const change of [
    { semiSync: 0 },
    { timeout: '1000' },
    { waitNoSlave: 0 },
    { waitPoint: 'AFTER_COMMIT' },
  ])
    t.equal(parseCore({ ...CORE, ...change }).waits, false, JSON.stringify(change));
  t.equal(parseCore({ ...CORE, timeout: '1000' }).enabled, true);
  t.equal(parseCore({ ...CORE, readOnly: 1 }).writable, false);
});

test('sequence numbers are those of the pair, not of what a host wrote on its own account', async (t) => {
  t.equal(sequenceOf('102-2-900,0-1-42'), 42);
  t.equal(sequenceOf('0-1-42', '0-2-43'), 43);
  t.equal(sequenceOf(''), 0);
});

const SEMI_SYNC: SemiSyncReading = {
  on: true,
  clients: 1,
  waiting: 0,
  confirmed: 5,
  switchedOff: 2,
  replica: false,
};

test('the counters of semi-sync are read by name, in whatever case the server writes them', async (t) => {
  const rows = [
    { name: 'RPL_SEMI_SYNC_MASTER_STATUS', value: 'ON' },
    { name: 'RPL_SEMI_SYNC_MASTER_CLIENTS', value: '1' },
    { name: 'Rpl_semi_sync_master_yes_tx', value: '5' },
    { name: 'RPL_SEMI_SYNC_MASTER_NO_TIMES', value: '2' },
    { name: 'RPL_SEMI_SYNC_SLAVE_STATUS', value: 'OFF' },
  ];
  t.same(parseSemiSync(rows), SEMI_SYNC);
  for (const { name } of rows) t.ok(READ_SEMI_SYNC.includes(name.toUpperCase()), `${name} is asked for`);
});

const CHANNEL = {
  Slave_IO_Running: 'Yes',
  Slave_SQL_Running: 'Yes',
  Last_SQL_Errno: 0,
  Gtid_IO_Pos: '0-1-42',
};
const APPLIED = { slavePos: '0-1-42', sqlThread: '9' };

test('a channel is drained when what was received is applied', async (t) => {
  t.match(parseChannel(CHANNEL, APPLIED), {
    ioRunning: true,
    ioConnected: true,
    sqlRunning: true,
    sqlError: false,
    sqlThread: 9,
    drained: true,
  });
  t.equal(parseChannel(CHANNEL, { ...APPLIED, slavePos: '0-1-41' }).drained, false);
  t.equal(parseChannel(CHANNEL, { ...APPLIED, slavePos: '' }).drained, false);
  t.equal(parseChannel(CHANNEL, { ...APPLIED, slavePos: '0-1-42,101-1-3' }).drained, true);
  t.equal(
    parseChannel({ ...CHANNEL, Gtid_IO_Pos: '' }, APPLIED).drained,
    true,
    'after a start of the server',
  );
});

test('a thread that looks for its source runs, and one that failed has an error', async (t) => {
  const connecting = parseChannel({ ...CHANNEL, Slave_IO_Running: 'Connecting' }, APPLIED);
  t.match(connecting, { ioRunning: true, ioConnected: false });
  const failed = { ...CHANNEL, Slave_SQL_Running: 'No', Last_SQL_Errno: 1032 };
  t.match(parseChannel(failed, { ...APPLIED, sqlThread: null }), {
    sqlRunning: false,
    sqlError: true,
    sqlThread: 0,
  });
  const says = (Last_SQL_Error: string) => parseChannel({ ...failed, Last_SQL_Error }, APPLIED).sqlErrorText;
  t.equal(says("Can't find record in 't'"), "Can't find record in 't'");
  const statement = "CREATE USER u IDENTIFIED BY 'planted'";
  t.equal(
    says(`Error 'Operation failed' on query. Default database: 'app'. Query: '${statement}'`),
    "Error 'Operation failed'",
    'not the statement: it may hold a password',
  );
  t.match(parseChannel({ ...CHANNEL, Last_SQL_Errno: 1213 }, APPLIED), { sqlError: false }, 'it goes on');
  t.match(parseChannel(undefined, undefined), { ioRunning: false, sqlRunning: false, sqlError: false });
});

test('a commit waits since the reading that first saw it, until any is confirmed', async (t) => {
  const see = (before: typeof NO_COMMITS, at: number, change: Partial<SemiSyncReading>, run = 1) =>
    observe(before, { run, at, reading: { ...SEMI_SYNC, ...change } });
  const idle = see(NO_COMMITS, 100, {});
  t.equal(idle.waitingSince, null);
  const first = see(idle, 200, { waiting: 1 });
  t.equal(first.waitingSince, 200);
  const later = see(first, 300, { waiting: 3 });
  t.equal(later.waitingSince, 200, 'more of them do not make it younger');
  t.equal(see(later, 400, { waiting: 3, confirmed: 6 }).waitingSince, 400, 'the others came later');
  t.equal(see(later, 400, { waiting: 0 }).waitingSince, null);
  t.same(see(later, 400, { on: false }), NO_COMMITS);
  t.equal(see(later, 400, { waiting: 1 }, 2).waitingSince, 400, 'another server, other commits');
});

test('a confirmation counts until semi-sync is switched off, however short', async (t) => {
  const acked = { ...observe(NO_COMMITS, { run: 1, at: 0, reading: SEMI_SYNC }), acked: true };
  t.equal(observe(acked, { run: 1, at: 1, reading: { ...SEMI_SYNC, confirmed: 9 } }).acked, true);
  t.equal(observe(acked, { run: 1, at: 1, reading: { ...SEMI_SYNC, switchedOff: 3 } }).acked, false);
  t.equal(observe(acked, { run: 2, at: 1, reading: SEMI_SYNC }).acked, false);
  t.equal(observe(acked, { run: 1, at: 1, reading: { ...SEMI_SYNC, on: false } }).acked, false);
  t.equal(stretchOf(1, SEMI_SYNC), '1:2');
});

test('a row was confirmed when the count grew within one stretch, with the standby there', async (t) => {
  const after = { ...SEMI_SYNC, confirmed: 6 };
  t.equal(isConfirmed(1, SEMI_SYNC, after), true);
  t.equal(isConfirmed(1, SEMI_SYNC, SEMI_SYNC), false);
  for (const change of [{ on: false }, { clients: 0 }, { switchedOff: 3 }])
    t.equal(isConfirmed(1, SEMI_SYNC, { ...after, ...change }), false, JSON.stringify(change));
  t.equal(isConfirmed(1, { ...SEMI_SYNC, on: false }, after), false);
});

test('the own log against the log of the primary', async (t) => {
  const against = (position: string, state: string, writable = true, ownState = position) =>
    compareLogs({ position, state: ownState }, { state, writable });
  const clean = { result: 'clean', errant: null };
  const unknown = { result: 'unknown', errant: null };
  const errant = (range: string) => ({ result: 'errant', errant: range });
  t.same(against('', ''), clean, 'nothing is nowhere missing');
  t.same(against('0-1-42', '0-1-42'), clean);
  t.same(against('0-1-42', '0-2-50,0-1-42'), clean, 'the other one has gone on by itself');
  t.same(against('0-1-42', '0-1-40,0-2-50'), errant('0-1-41 … 0-1-42'));
  t.same(against('0-1-42', '0-2-50,0-1-41'), errant('0-1-42'));
  const after = '0-2-41,0-1-42';
  t.same(against('0-1-42', '0-2-41,0-1-30', true, after), errant('0-1-42'), 'both have 0-2-41');
  t.same(against('0-1-42', '0-2-40,0-1-30', true, after), errant('0-1-41 … 0-1-42'));
  t.same(against('0-1-42', '0-2-42'), errant('0-1-1 … 0-1-42'), 'same number, other origin');
  t.same(against('0-1-42', '0-1-41'), errant('0-1-42'), 'a primary has all that it will ever have of us');
  t.same(against('0-1-42', '0-1-41', false), unknown, 'it may still be applying');
  t.same(against('0-1-42', '0-2-43,0-1-41', false), errant('0-1-42'), 'it is past that number');
  t.same(against('102-2-7,0-1-42', '0-1-42'), clean, 'rows on the own account do not count');
  t.same(against('7-1-3,0-1-42', '0-1-42'), errant('7-1-1 … 7-1-3'), 'any other domain does');
});

test('the state of a process is read whatever its name is', async (t) => {
  const rest = '1 1 1 0 -1 4194560 1 0 0 0 1 1 0 0 20 0 31 0 48213 0 0';
  t.same(parseStat(`112 (mariadbd) S ${rest}\n`), { name: 'mariadbd', ended: false, startedAt: '48213' });
  t.same(parseStat(`112 (a) b (c) Z ${rest}`), { name: 'a) b (c', ended: true, startedAt: '48213' });
  t.equal(parseStat(''), undefined);
});

test('a process that is no server is none, and a pid that is used again is another', async (t) => {
  t.equal(findServer('no-such-unit.service'), undefined);
  t.equal(findServer('no-such-unit.service', '/nowhere/mysqld.pid'), undefined);
  const startedAt = parseStat(await readStat(process.pid))?.startedAt ?? '';
  t.equal(isListed({ pid: process.pid, startedAt }), true);
  t.equal(isListed({ pid: process.pid, startedAt: '1' }), false);
  t.equal(isAlive({ pid: process.pid, startedAt }), false, 'this test is no database server');
});

async function readStat(pid: number): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(`/proc/${pid}/stat`, 'utf8');
}

test('a write that waits for somebody is excused, one that waits for space is not', async (t) => {
  t.ok(isLockWait('Waiting for backup lock'));
  t.ok(isLockWait('Waiting for semi-sync ACK from slave'));
  t.notOk(isLockWait('Waiting for someone to free space'));
  t.notOk(isLockWait('Commit'));
});

test('a write hangs when for so long nothing has reached a disk, and nobody holds it up on purpose', async (t) => {
  const begun: Writing = { since: 0, reason: 'unknown', done: undefined };
  const ask = (before: Writing, now: number, done: string, state = 'Commit') =>
    withAnswer(before, { state, done }, now);
  const first = ask(begun, 200, '7,7');
  t.equal(isHang(first, 900, 900), false);
  t.equal(isHang(first, 901, 900), true);
  t.equal(isHang(ask(first, 300, '7,7'), 901, 900), true, 'asking does not make it younger');
  const busy = ask(first, 800, '7,8');
  t.equal(isHang(busy, 1700, 900), false, 'the disk is slow, and does something');
  t.equal(isHang(busy, 1701, 900), true);
  const locked = ask(first, 800, '7,7', 'Waiting for backup lock');
  t.equal(isHang(locked, 99_000, 900), false);
  t.equal(
    isHang(ask(locked, 1000, '7,7'), 1701, 900),
    true,
    'the lock was let go at the last time it was seen',
  );
  t.equal(isHang(begun, 1800, 900), false);
  t.equal(isHang(begun, 1801, 900), true, 'a server that does not say why has twice the time');
});

test('a disk is full from its last megabyte on, until there is enough for a start', async (t) => {
  const mb = 1024 * 1024;
  t.same(
    [false, true].map((before) => isFull(before, 2 * mb)),
    [false, true],
  );
  t.same(
    [false, true].map((before) => isFull(before, mb - 1)),
    [true, true],
  );
  t.same(
    [false, true].map((before) => isFull(before, 24 * mb)),
    [false, false],
  );
  const room = new DiskRoom(createLogger('room', 'silent'), '/proc');
  room.tick();
  t.equal(room.full, true, 'nothing can be written there');
  const missing = new DiskRoom(createLogger('room', 'silent'), '/nowhere');
  missing.tick();
  t.equal(missing.full, false, 'no folder is no full one');
});

test('readings do not overlap, and one that was asked for begins after the call', async (t) => {
  const ends: (() => void)[] = [];
  const coalesced = new Coalesced(() => new Promise((resolve) => ends.push(resolve)));
  const end = (index: number): void => ends[index]?.();
  let served = 0;
  const count = (): void => {
    served += 1;
  };
  const first = coalesced.request().then(count);
  const second = coalesced.request().then(count);
  // Asks again in the very moment in which a reading ends.
  const third = first.then(() => coalesced.request()).then(count);
  t.equal(ends.length, 1, 'one at a time');
  end(0);
  await first;
  t.equal(served, 1, 'who asked during a reading is not served by it');
  await new Promise(setImmediate);
  t.equal(ends.length, 2);
  const fourth = coalesced.request().then(count);
  end(1);
  await second;
  await new Promise(setImmediate);
  t.same([ends.length, served], [3, 2], 'the one that began when the first ended');
  end(2);
  await Promise.all([third, fourth]);
  t.equal(ends.length, 3, 'who asked meanwhile shares the next');
  t.equal(coalesced.busy, false);
});
