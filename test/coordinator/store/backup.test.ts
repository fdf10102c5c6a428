// A copy of the store while others write to it: whole, of one moment, private, and never over another file.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { backUpStore } from '../../../coordinator/store/backup.ts';
import { openStore, STORE_FILE } from '../../../coordinator/store/open-store.ts';
import { startFakeAgents } from '../../support/fake-agents.ts';
import { runCli } from '../../support/run-cli.ts';

const WRITER = fileURLToPath(new URL('../../support/append-many.ts', import.meta.url));
const MAIN = fileURLToPath(new URL('../../support/cli-with-spec.ts', import.meta.url));
const EVENTS = 3000;

/** The numbers of the events in a copy, which is put where a store is looked for, as for a restore. */
function numbersIn(t: Test, copy: string): number[] {
  const folder = `${copy}-restored`;
  mkdirSync(folder);
  renameSync(copy, join(folder, STORE_FILE));
  const store = openStore(folder, (sentence) => t.fail(sentence));
  const numbers = store.events.list().map(({ data }) => Number(data['n']));
  store.close();
  return numbers;
}

test('a copy while another process writes is of one moment, and opens as a store', async (t) => {
  const dir = t.testdir();
  openStore(dir).close();
  const argv = [WRITER, dir, 'busy', String(EVENTS)];
  const writer = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(writer, 'exit');
  const counts: number[] = [];
  while (writer.exitCode === null && counts.at(-1) !== EVENTS) {
    const file = join(dir, `copy-${counts.length}`);
    const { bytes } = backUpStore(dir, file);
    t.match(statSync(file), { size: bytes, mode: 0o100600 });
    const numbers = numbersIn(t, file);
    t.same(numbers, [...numbers.keys()], 'without a gap');
    counts.push(numbers.length);
    await turn(); // Lets the end of the writer be heard of.
  }
  t.same(await ended, [0, null], 'the writer was not disturbed');
  t.ok(
    counts.some((count) => count > 0 && count < EVENTS),
    `taken in between: ${counts}`,
  );
});

test('what is there already stays, and nothing half done is left', async (t) => {
  const dir = t.testdir({ taken: 'of somebody' });
  t.throws(() => backUpStore(dir, join(dir, 'copy')), { code: 'NOT_FOUND' });
  const store = openStore(dir);
  t.teardown(() => store.close());
  t.throws(() => backUpStore(dir, join(dir, 'taken')), { code: 'REFUSED', message: /exists already/ });
  t.throws(() => backUpStore(dir, join(dir, 'none', 'copy')), { code: 'REFUSED', message: /ENOENT/ });
  t.notOk(readdirSync(dir).some((name) => name.includes('part')));
});

test('coordinator store backup says where it is, and is in the audit trail', async (t) => {
  const dir = t.testdir();
  await using agents = await startFakeAgents(dir);
  const run = (...args: string[]) => runCli([...args, '--config', agents.specFile], { cwd: dir, main: MAIN });
  openStore(agents.data).close();
  const file = join(dir, 'history.db');
  t.match(JSON.parse((await run('store', 'backup', 'history.db', '--json')).stdout), { file, bytes: Number });
  writeFileSync(join(dir, 'second.db'), '');
  t.equal((await run('store', 'backup', 'second.db')).code, 3);
  const store = openStore(agents.data);
  t.teardown(() => store.close());
  t.match(
    store.audit.page(10).map(({ action, outcome }) => `${action} ${outcome}`),
    ['REFUSED', 'accepted', 'succeeded', 'accepted'].map((outcome) => `store backup ${outcome}`),
  );
});
