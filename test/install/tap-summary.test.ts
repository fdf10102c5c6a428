/** The counts of npm test come from tap's raw output; a run that broke must not look green. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import {
  addCounts,
  countsText,
  createTapReader,
  type FileReport,
  NOTHING,
} from '../../install/tap-summary.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TAP_BIN = join(ROOT, 'node_modules/.bin/tap');

const FILES = {
  'good.test.ts': `import { test } from 'tap';
test('one', async (t) => { t.ok(true); t.ok(true); });
test('two', async (t) => { console.log('words of a program'); t.ok(true); });
`,
  'bad.test.ts': `import { test } from 'tap';
test('fine', async (t) => t.ok(true));
test('wrong', async (t) => t.equal(1, 2, 'one is two'));
test('left out', { skip: 'no lab here' }, async () => undefined);
`,
  'crash.test.ts': `throw new Error('ended without a failed test');\n`,
  'skip.test.ts': `import tap from 'tap';\ntap.plan(0, 'not on this machine');\n`,
};

test('real runs of tap: passed, failed, crashed and skipped files', async (t) => {
  const folder = t.testdir();
  await mkdir(join(folder, 'test'));
  for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, 'test', name), text);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(
    join(folder, '.taprc'),
    'type-strip-only: true\nallow-empty-coverage: true\ndisable-coverage: true\n',
  );
  const { stdout } = await runCommand(
    [execPath, TAP_BIN, '--reporter=tap', '--jobs=1', ...Object.keys(FILES).map((name) => `test/${name}`)],
    {
      cwd: folder,
      check: false,
      timeoutMs: 120_000,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder },
    },
  );
  // tap tells of a file when it has ended, and a crashed one sometimes ends after the next one.
  const reports = readAll(stdout).toSorted((a, b) => a.file.localeCompare(b.file));
  t.strictSame(
    reports.map(({ file, ok, passed, failed, skipped }) => [
      file.replace('test/', ''),
      ok,
      passed,
      failed,
      skipped,
    ]),
    [
      ['bad.test.ts', false, 1, 1, 1],
      ['crash.test.ts', false, 0, 1, 0],
      ['good.test.ts', true, 2, 0, 0],
      ['skip.test.ts', true, 0, 0, 1],
    ],
    stdout,
  );
  const [bad, crash, , skip] = reports;
  t.match(bad?.failures.join('\n'), /not ok 1 - one is two[\s\S]*not ok 2 - wrong/);
  t.notMatch(bad?.failures.join('\n'), /^ *ok /m);
  t.strictSame(bad?.skipReasons, ['no lab here']);
  t.match(crash?.failures.join('\n'), 'ended without a failed test');
  t.strictSame(skip?.skipReasons, ['not on this machine']);
  t.equal(countsText(reports.reduce(addCounts, NOTHING)), '3 passed, 2 failed, 2 skipped');
});

test('a file that failed for another reason than its tests counts as failed', async (t) => {
  const [report] = readAll('# Subtest: x\n    ok 1 - a # time=1ms\n    1..1\nnot ok 1 - x # time=5ms\n');
  t.match(report, { ok: false, passed: 1, failed: 1 });
});

function readAll(text: string): FileReport[] {
  const read = createTapReader();
  return text
    .split('\n')
    .map(read)
    .filter((report) => report !== undefined);
}
