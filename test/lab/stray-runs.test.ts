import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { removeLeftovers } from './remove-run.ts';
import { currentBootId, identityOf } from './run-record.ts';
import { listStrays } from './stray-runs.ts';

const LATER = 6 * 60_000;

test('a folder without a record goes once nobody uses it; everything else below and beside it stays', async (t) => {
  const root = t.testdir({ outside: { file: 'mine' } });
  process.env['HOTPAIR_LAB_DIR'] = root;
  t.teardown(() => delete process.env['HOTPAIR_LAB_DIR']);
  const runs = join(root, 'runs');
  const owner = identityOf(process.pid);
  const record = {
    prefix: 'hplive',
    owner,
    bootId: currentBootId(),
    layers: [],
    hosts: [],
    disks: join(root, 'no'),
  };
  for (const name of ['hpgone', 'hpheld', 'hplive', '.new-hphalf-1', 'Not-A-Run', 'hpgone2/db1.root'])
    mkdirSync(join(runs, name), { recursive: true });
  writeFileSync(join(runs, 'hplive', 'run.json'), JSON.stringify(record));
  writeFileSync(join(runs, '.new-hphalf-1', 'run.json'), JSON.stringify({ ...record, prefix: 'hphalf' }));
  writeFileSync(join(runs, 'hpgone', 'db1.console'), 'written after the end');
  symlinkSync(join(root, 'outside'), join(runs, 'hpgone', 'link'));
  symlinkSync(join(root, 'outside'), join(runs, 'hplink'));

  const user = spawn('cat', { cwd: join(runs, 'hpheld'), stdio: ['pipe', 'pipe', 'inherit'] });
  user.stdin.write('x');
  await once(user.stdout, 'data');
  const strays = (now?: number): string[] =>
    listStrays(now)
      .map((path) => path.slice(runs.length + 1))
      .sort();
  t.same(strays(), [], 'what changed a moment ago may be in use');
  t.same(strays(Date.now() + LATER), ['.new-hphalf-1', 'hpgone', 'hpgone2']);
  user.stdin.end();
  await once(user, 'close');
  t.ok(strays(Date.now() + LATER).includes('hpheld'), 'its process has ended');

  const real = Date.now;
  t.teardown(() => {
    Date.now = real;
  });
  Date.now = () => real() + LATER;
  const said: string[] = [];
  t.same(await removeLeftovers((line) => said.push(line)), []);
  t.equal(said.length, 4, said.join('\n'));
  for (const name of ['hpgone', 'hpgone2', 'hpheld', '.new-hphalf-1'])
    t.notOk(existsSync(join(runs, name)), name);
  for (const name of ['hplive/run.json', 'Not-A-Run', 'hplink']) t.ok(existsSync(join(runs, name)), name);
  t.ok(existsSync(join(root, 'outside', 'file')), 'a link is removed, not what it leads to');
});
