import fc from 'fast-check';
import { test } from 'tap';
import {
  covers,
  type GtidPosition,
  parseGtidPosition,
  parseGtids,
  rejoinPosition,
  renderGtidPosition,
  standingOf,
  wayBackPosition,
} from '../../../agent/guard/gtid.ts';
import { parseChannel } from '../../../agent/guard/replication.ts';

const at = parseGtidPosition;

const positions = fc
  .uniqueArray(
    fc.record({
      domain: fc.constantFrom(0, 1, 101, 102),
      server: fc.constantFrom(1, 2),
      sequence: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
    }),
    { selector: (gtid) => gtid.domain },
  )
  .map((list): GtidPosition => new Map(list.map((gtid) => [gtid.domain, gtid])));

test('positions are read and written without loss, whatever their size', (t) => {
  fc.assert(
    fc.property(positions, (position) => {
      const again = parseGtidPosition(renderGtidPosition(position));
      return renderGtidPosition(again) === renderGtidPosition(position) && again.size === position.size;
    }),
  );
  t.equal(at('').size, 0);
  t.equal(at('rubbish,0-1-,0-1-2,').size, 1);
  t.equal(at('0-1-18446744073709551615').get(0)?.sequence, 2n ** 64n - 1n);
  t.end();
});

test('standing is symmetric, and every position covers itself', (t) => {
  const mirror = {
    level: 'level',
    ahead: 'behind',
    behind: 'ahead',
    parted: 'parted',
    unknown: 'unknown',
  } as const;
  fc.assert(
    fc.property(positions, positions, (own, peer) => {
      return covers(own, own) && standingOf(own, peer) === mirror[standingOf(peer, own)];
    }),
  );
  t.equal(standingOf(at('0-1-10,101-1-3'), at('0-1-10')), 'level', "a host's own rows do not count");
  t.equal(standingOf(at('0-1-10,1-1-1'), at('0-1-11')), 'parted', 'other domains do');
  t.notOk(covers(at(''), at('0-1-1')));
  t.end();
});

test('a restarted server goes on at its own end, in the domain of its own rows no further than its source', (t) => {
  const render = (own: string, source: string) => renderGtidPosition(rejoinPosition(at(own), at(source), 1));
  t.equal(render('0-2-40', '0-2-99'), '0-2-40');
  t.equal(render('0-2-40,101-1-5', '0-2-99,101-1-5'), '0-2-40,101-1-5');
  t.equal(render('0-2-40,101-1-5', '0-2-99,101-1-3'), '0-2-40,101-1-3');
  t.equal(render('0-2-40,101-1-5', '0-2-99'), '0-2-40');
  t.equal(render('0-2-40,102-2-5', '0-2-99,102-2-9'), '0-2-40,102-2-5');
  t.end();
});

test('SHOW SLAVE STATUS is read as one of six states', (t) => {
  const state = (io: string, sql: string, errors: Record<string, number | string> = {}) =>
    parseChannel([{ Slave_IO_Running: io, Slave_SQL_Running: sql, Gtid_IO_Pos: '0-1-7', ...errors }]).state;
  t.equal(parseChannel([]).state, 'absent');
  t.equal(state('Yes', 'Yes'), 'streaming');
  t.equal(state('Connecting', 'Yes', { Last_IO_Errno: 2003 }), 'connecting');
  t.equal(state('Preparing', 'Yes'), 'connecting');
  t.equal(state('No', 'No'), 'stopped');
  t.equal(
    state('No', 'No', { Last_IO_Errno: 2003 }),
    'stopped',
    'the source was not there when it was stopped',
  );
  t.equal(state('No', 'Yes', { Last_IO_Errno: 1236 }), 'refused');
  t.equal(state('Yes', 'No', { Last_SQL_Errno: 1950 }), 'refused');
  t.equal(state('Yes', 'No', { Last_SQL_Errno: 1062 }), 'failed');
  const channel = parseChannel([
    {
      Slave_IO_Running: 'No',
      Slave_SQL_Running: 'Yes',
      Gtid_IO_Pos: '0-1-7',
      Last_IO_Error: 'words',
      Last_SQL_Error: '',
    },
  ]);
  t.equal(channel.error, 'words');
  t.equal(renderGtidPosition(channel.received), '0-1-7');
  t.end();
});

test('the way back goes ahead of what this server itself has written, and of nothing else', (t) => {
  const from = (left: string, logged: string, peerHas: number): string | null => {
    const position = wayBackPosition({ left: at(left), logged: parseGtids(logged), serverId: 1, peerHas });
    return position === null ? null : renderGtidPosition(position);
  };
  const logged = '0-2-100,0-1-9000,101-1-7';
  t.equal(from('0-2-100,102-2-3', logged, 8000), '0-1-8000,102-2-3');
  t.equal(from('0-2-100', logged, 1100), '0-1-1100');
  t.equal(from('0-2-100', logged, 1099), null, 'not for a few');
  t.equal(from('', logged, 8000), '0-1-8000', 'it never ran');
  t.equal(from('0-1-8500', logged, 8000), null, 'never backwards');
  t.equal(from('0-2-100', logged, 9001), null, 'this server has not written that');
  t.equal(from('0-2-100', '0-1-9000,0-2-8000', 8000), null, "that is the peer's");
  t.equal(from('0-2-100', '0-2-9000', 8000), null, 'nothing is its own');
  t.equal(from('0-2-100', logged, 0), null, 'the peer has not said what it has');
  t.end();
});
