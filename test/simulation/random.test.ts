import { execFileSync } from 'node:child_process';
import { test } from 'tap';
import { SMALL_BUGS } from './exhaustive-bugs.ts';
import { catchBug, PLANTED_BUGS } from './planted-bugs.ts';
import { runSchedule } from './schedule.ts';

const SCHEDULES = 300;

test(`${SCHEDULES} random schedules keep every check`, async (t) => {
  const broken = [];
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const { violations } = runSchedule(seed);
    broken.push(...violations.map((violation) => ({ seed, ...violation })));
  }
  t.same(broken, []);
});

test('a seed replays', async (t) => {
  t.same(runSchedule(7), runSchedule(7));
  t.ok(runSchedule(7).acknowledged > 100, 'and commits are acknowledged in it');
});

test('a person may force a node when the other host is gone', async (t) => {
  for (let seed = 1; seed <= 20; seed++)
    t.same(runSchedule(seed, {}, undefined, ['host lost, and the other one forced']).violations, []);
});

for (const bug of PLANTED_BUGS)
  test(`caught: ${bug.name}`, async (t) => {
    const caught = catchBug(bug);
    t.ok(caught, 'within 400 schedules');
    t.comment(`seed ${caught?.seed}: ${caught?.violation.check}: ${caught?.violation.text}`);
  });

test('the command ends with one line of JSON', async (t) => {
  const main = new URL('./main.ts', import.meta.url).pathname;
  const output = execFileSync(process.execPath, [main, '--schedules', '3', '--seed', '5'], {
    encoding: 'utf8',
  });
  t.match(JSON.parse(output.trim().split('\n').at(-1) ?? ''), {
    schedules: 3,
    violations: 0,
    plantedBugs: PLANTED_BUGS.length + SMALL_BUGS.length,
    plantedCaught: PLANTED_BUGS.length + SMALL_BUGS.length,
  });
});
