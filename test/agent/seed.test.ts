// What only one host has, told from the text of mariadb-binlog; and what a copy says about itself.
import { test } from 'tap';
import { planAdoption } from '../../agent/actions/seed-adopt.ts';
import {
  errantLines,
  errantSummary,
  isErrant,
  parseGtidList,
  parseGtidState,
} from '../../agent/seed/errant.ts';
import { parseBinlogInfo } from '../../agent/seed/places.ts';
import { parseSeedOffer, renderSeedOffer } from '../../shared/model/seed-offer.ts';

const head = (gtid: string, kind = 'trans'): string =>
  `#261122 21:57:51 server id 2  end_log_pos 386 CRC32 0x06ac82b9 \tGTID ${gtid} ${kind}`;

const LOG = [
  '# at 256',
  '#261122 21:57:51 server id 2  end_log_pos 299 CRC32 0xb7542ca1 \tGtid list [0-2-3,\n# 0-1-9]',
  head('0-1-10'),
  'START TRANSACTION',
  '#Q> insert into app.t (v) values ("on both")',
  'COMMIT/*!*/;',
  head('102-2-1'),
  '#Q> insert into hotpair.verify values ("of the host")',
  head('0-2-11'),
  '/*M!100001 SET @@session.gtid_seq_no=11*//*!*/;',
  'START TRANSACTION',
  '#Q> insert into app.t (v) values ("here',
  '#Q> alone")',
  '### INSERT INTO `app`.`t`',
  'COMMIT/*!*/;',
  head('0-2-12', 'ddl'),
  'SET TIMESTAMP=1795384671/*!*/;',
  'create table app.made (id int)',
  '/*!*/;',
  head('0-2-13'),
  '### UPDATE `app`.`t`',
  '# End of log file',
  'ROLLBACK /* added by mysqlbinlog */;',
].join('\n');

test('transactions that the primary does not have are let through, each under its GTID', async (t) => {
  const filter = errantLines(parseGtidState('0-1-20,0-2-3,102-2-0'));
  const saved = LOG.split('\n').flatMap((line) => filter(line));
  t.same(
    saved.filter((line) => line.startsWith('-- ')),
    ['-- 0-2-11', '-- 0-2-12', '-- 0-2-13'],
  );
  t.notMatch(saved.join('\n'), /on both|of the host|mysqlbinlog/);
  const summary = errantSummary(2);
  for (const line of saved) summary.take(line);
  t.equal(summary.count, 3);
  t.same(summary.transactions, [
    { gtid: '0-2-11', statement: 'insert into app.t (v) values ("here' },
    { gtid: '0-2-12', statement: 'create table app.made (id int)' },
  ]);
  const rows = errantSummary(9);
  for (const line of ['-- 0-2-13', head('0-2-13'), '### UPDATE `app`.`t`', '### WHERE']) rows.take(line);
  t.same(
    rows.transactions,
    [{ gtid: '0-2-13', statement: 'UPDATE `app`.`t`' }],
    'rows where nothing was typed',
  );
});

test('the state that a binary log begins with tells whether it has to be read', async (t) => {
  const begins = parseGtidList(LOG) ?? [];
  t.same(begins, ['0-2-3', '0-1-9']);
  const primary = parseGtidState('0-1-9,0-2-3');
  t.notOk(begins.some((gtid) => isErrant(gtid, primary)));
  t.ok(isErrant('0-3-1', primary), 'of a server that the primary has never heard of');
  t.notOk(isErrant('103-3-1', primary), 'what a host writes on its own account is nobody else’s');
  t.equal(parseGtidList('nothing'), null);
});

test('a copy tells its position, or that it has none', async (t) => {
  t.equal(parseBinlogInfo('mariadb-bin.000002\t608\t0-2-3,102-2-1\n'), '0-2-3,102-2-1');
  t.equal(parseBinlogInfo('mariadb-bin.000002\t608\t\n'), null);
  t.equal(parseBinlogInfo('mariadb-bin.000002\t608\n'), null);
});

test('a copy is put into place, started and given its position, whatever of it is done already', async (t) => {
  const own = { seedReady: false, position: null, active: true, logged: null };
  const words = (state: Partial<typeof own> | object): readonly string[] =>
    planAdoption({ ...own, ...state }).map(({ summary }) => summary);
  t.throws(() => words({}), { code: 'NOT_FOUND' }, 'a server with data of its own and no copy is left alone');
  t.same(words({ seedReady: true }), ['put the copy into place and start the server with it']);
  t.same(words({ position: '0-1-4', active: false }), ['start']);
  t.same(words({ position: '0-1-4', logged: '' }), ['begin at 0-1-4']);
  t.same(words({ position: '0-1-4', logged: '0-1-5' }), []);
});

test('an offer names one host and ends', async (t) => {
  const offer = { to: 'db2', until: 17 };
  t.same(parseSeedOffer(renderSeedOffer(offer)), offer);
  t.equal(parseSeedOffer('{"to":"db2"}'), null);
  t.equal(parseSeedOffer('null'), null);
});
