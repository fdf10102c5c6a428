// The table of faults, its page, and the command line that chooses from it.
import { readFile } from 'node:fs/promises';
import { test } from 'tap';
import { renderMarkdown } from '../../bench/table.ts';
import { faults } from './fault-table.ts';
import { parseFaultOptions } from './options.ts';
import { promises } from './promises.ts';

test('there are 35 numbers, each variant once, in their order', async (t) => {
  const ids = faults.map(({ id }) => id);
  t.equal(new Set(ids).size, ids.length);
  t.same(
    [...new Set(ids.map((id) => Number.parseInt(id, 10)))],
    Array.from({ length: 35 }, (_, n) => n + 1),
  );
});

test('docs/faults.md has the table as it is', async (t) => {
  const page = await readFile(new URL('../../docs/faults.md', import.meta.url), 'utf8');
  const table = renderMarkdown(promises(faults));
  t.ok(page.includes(table), `the page lacks this table:\n${table}`);
});

test('faults are chosen by number, variant and words', async (t) => {
  const chosen = (words: string): string[] => parseFaultOptions(['--only', words]).chosen.map(({ id }) => id);
  t.same(chosen('6'), ['6a', '6b', '6c', '6d']);
  t.same(chosen('6b,9,9'), ['6b', '9']);
  t.same(chosen('2'), ['2'], 'without its variant');
  t.same(chosen('nemesis'), ['35']);
  t.equal(parseFaultOptions([]).chosen.length, faults.length);
  t.equal(parseFaultOptions(['--save']).save, true);
  t.match(parseFaultOptions(['nemesis', '--minutes', '30', '--seed', '7']), {
    ...{ mode: 'nemesis', minutes: 30, seed: 7 },
  });
});

test('what the command line does not know is refused with the usage', async (t) => {
  for (const argv of [
    ['--only', '36'],
    ['--runs', '0'],
    ['nemesis'],
    ['tables'],
    ['--nothing'],
    ['--save', '--memory-disks'],
  ])
    t.throws(() => parseFaultOptions(argv), /usage: npm run faults/, argv.join(' '));
});
