import { test } from 'tap';
import { gtidDifference, parseGtidPosition } from '../../../coordinator/watch/gtid.ts';

test('a position is read domain by domain; what is no GTID is left out', async (t) => {
  t.same(parseGtidPosition('0-1-42,101-1-3'), [
    { domain: 0, server: 1, sequence: 42 },
    { domain: 101, server: 1, sequence: 3 },
  ]);
  t.same(parseGtidPosition(''), []);
  t.same(parseGtidPosition('x, 0-2-7 ,1-2'), [{ domain: 0, server: 2, sequence: 7 }]);
});

test('the difference names who is ahead, by how many, in which domain', async (t) => {
  const rows: [string, string, ReturnType<typeof gtidDifference>][] = [
    ['0-1-42', '0-1-42', []],
    ['0-1-42', '0-2-42', []],
    ['0-1-42', '0-1-40', [{ domain: 0, ahead: 'db1', by: 2 }]],
    ['0-1-42', '0-1-42,102-2-5', [{ domain: 102, ahead: 'db2', by: 5 }]],
    ['', '0-1-1', [{ domain: 0, ahead: 'db2', by: 1 }]],
    [
      '102-2-5,0-1-7',
      '0-1-9,102-2-4',
      [
        { domain: 0, ahead: 'db2', by: 2 },
        { domain: 102, ahead: 'db1', by: 1 },
      ],
    ],
  ];
  for (const [a, b, expected] of rows)
    t.same(
      gtidDifference({ name: 'db1', position: a }, { name: 'db2', position: b }),
      expected,
      `${a} | ${b}`,
    );
});
