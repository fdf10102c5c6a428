/** file-ensure and file-absent, through the executor, in a folder of the test's own. */

import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'tap';
import { DriftWatch, ManagedFiles } from '../../agent/host/managed-files.ts';
import { PreviousFiles } from '../../agent/host/previous-files.ts';
import type { ActionName, ActionParams, ActionResult } from '../../shared/protocol/actions.ts';
import { type RunningAgent, runAgentHere } from '../support/run-agent.ts';

type Mode = 'plan' | 'apply';

function run<N extends ActionName>(
  running: RunningAgent,
  name: N,
  params: ActionParams<N>,
  mode: Mode = 'apply',
): Promise<ActionResult> {
  return running.agent.executor.run(
    { name, mode, params },
    { caller: 'test', signal: new AbortController().signal, progress: () => undefined },
  );
}

test('plan touches nothing, apply writes, a second apply changes nothing', async (t) => {
  await using running = await runAgentHere();
  const path = join(running.writable, 'deep/er/a.conf');
  const params = { path, content: 'one\n', mode: 0o640 };
  const planned = await run(running, 'file-ensure', params, 'plan');
  t.match(planned, { outcome: 'planned', changes: [{ subject: path, summary: 'create', diff: /\+one/ }] });
  await t.rejects(stat(running.writable), { code: 'ENOENT' }, 'not even the folder is made');

  t.match(await run(running, 'file-ensure', params), { outcome: 'changed', facts: { exists: true } });
  t.equal((await stat(path)).mode & 0o777, 0o640);
  t.equal((await stat(join(running.writable, 'deep'))).mode & 0o777, 0o755);
  const old = new Date(1_000_000_000_000);
  await utimes(path, old, old);
  t.match(await run(running, 'file-ensure', params), { outcome: 'ok', changes: [] });
  t.equal((await stat(path)).mtimeMs, old.getTime(), 'the file was not touched');
  t.same(await readdir(join(running.writable, 'deep/er')), ['a.conf'], 'nothing is left beside it');
});

test('mode alone is changed in place, content with the previous version kept', async (t) => {
  await using running = await runAgentHere();
  const path = join(running.writable, 'a.conf');
  await run(running, 'file-ensure', { path, content: 'one\n', mode: 0o644 });
  const { ino } = await stat(path);
  t.match(await run(running, 'file-ensure', { path, content: 'one\n', mode: 0o600 }), {
    changes: [{ summary: 'change mode', diff: '0644 -> 0600' }],
  });
  t.equal((await stat(path)).ino, ino);
  const changed = await run(running, 'file-ensure', { path, content: 'two\n', mode: 0o600 });
  t.match(changed.changes, [{ summary: 'change content', diff: /-one\n\+two/ }]);
  const previous = new PreviousFiles(running.agent.config.state);
  t.equal(await previous.restore(path), true);
  t.equal(await readFile(path, 'utf8'), 'one\n');
  t.equal((await stat(path)).mode & 0o777, 0o600);
});

test('the previous version of a new file is its absence', async (t) => {
  await using running = await runAgentHere();
  const path = join(running.writable, 'a.conf');
  await run(running, 'file-ensure', { path, content: 'one\n', mode: 0o644 });
  const previous = new PreviousFiles(running.agent.config.state);
  t.equal(await previous.restore(path), true);
  await t.rejects(stat(path), { code: 'ENOENT' });
  t.equal(await previous.restore(join(running.writable, 'never')), false);
});

test('file-absent removes once, and what was there can be put back', async (t) => {
  await using running = await runAgentHere();
  const path = join(running.writable, 'a.conf');
  await run(running, 'file-ensure', { path, content: 'one\n', mode: 0o644 });
  t.match(await run(running, 'file-absent', { path }, 'plan'), { outcome: 'planned' });
  t.match(await run(running, 'file-absent', { path }), { outcome: 'changed', facts: { exists: false } });
  t.match(await run(running, 'file-absent', { path }), { outcome: 'ok' });
  await new PreviousFiles(running.agent.config.state).restore(path);
  t.equal(await readFile(path, 'utf8'), 'one\n');
});

test('a file that its reader rejects does not go live', async (t) => {
  await using running = await runAgentHere();
  const path = join(running.writable, 'a.json');
  await run(running, 'file-ensure', { path, content: '{"a":1}', mode: 0o644, validate: 'json' });
  const bad = await run(running, 'file-ensure', { path, content: '{"a":', mode: 0o644, validate: 'json' });
  t.match(bad, { outcome: 'failed', error: { code: 'CONFIG_REJECTED', data: { path } } });
  t.notMatch(bad.error?.message, /hotpair-new/, 'people see the name they know');
  t.equal(await readFile(path, 'utf8'), '{"a":1}');
  t.same(await readdir(running.writable), ['a.json']);
});

test('paths outside the folders, and through links, are refused', async (t) => {
  await using running = await runAgentHere();
  const { writable, folder } = running;
  await mkdir(join(writable, 'sub'), { recursive: true });
  await mkdir(join(folder, 'outside'));
  await writeFile(join(folder, 'outside/file'), 'mine');
  await symlink(join(folder, 'outside'), join(writable, 'link'));
  await symlink(join(folder, 'outside/file'), join(writable, 'filelink'));
  await symlink(join(folder, 'outside/new'), join(writable, 'dangling'));
  const paths = [
    '/etc/passwd',
    `${writable}/../outside/file`,
    `${writable}/sub/../../outside/file`,
    `${writable}/./a`,
    `${writable}//a`,
    `${writable}/a/`,
    writable,
    `${writable}x/a`,
    `${writable}/a\0b`,
    `${writable}/link/file`,
    `${writable}/filelink`,
    `${writable}/dangling`,
    `${writable}/sub`,
  ];
  for (const path of paths)
    for (const [name, params] of [
      ['file-ensure', { path, content: 'x', mode: 0o644 }],
      ['file-absent', { path }],
    ] as const) {
      const result = await run(running, name, params);
      t.match(result, { outcome: 'failed', error: { code: 'PATH_REFUSED' } }, `${name} ${path}`);
    }
  t.match(await run(running, 'file-ensure', { path: `${writable}/filelink/x`, content: 'x', mode: 0o644 }), {
    error: { code: 'PATH_REFUSED' },
  });
  t.equal(await readFile(join(folder, 'outside/file'), 'utf8'), 'mine');
  t.same(await readdir(join(folder, 'outside')), ['file']);
});

test('a link planted where the new bytes go is not followed', async (t) => {
  await using running = await runAgentHere();
  const { writable, folder } = running;
  await mkdir(writable);
  await writeFile(join(folder, 'victim'), 'mine');
  await symlink(join(folder, 'victim'), join(writable, '.a.conf.hotpair-new'));
  const path = join(writable, 'a.conf');
  t.match(await run(running, 'file-ensure', { path, content: 'x', mode: 0o644 }), { outcome: 'changed' });
  t.equal(await readFile(join(folder, 'victim'), 'utf8'), 'mine');
});

test('secrets are in no diff, fact or journal line', async (t) => {
  await using running = await runAgentHere();
  const path = join(running.writable, 'secret.cnf');
  const content = 'password=correct-horse\n';
  const first = await run(running, 'file-ensure', { path, content, mode: 0o600, secret: true });
  const second = await run(running, 'file-ensure', { path, content: 'x', mode: 0o600, secret: true });
  t.match(second, {
    outcome: 'changed',
    changes: [{ diff: '[secret content differs]' }],
    facts: { sha256: null },
  });
  const copy = join(running.writable, 'copy.key');
  const third = await run(running, 'file-ensure', { path: copy, copyOf: path, mode: 0o600 });
  t.equal(await readFile(copy, 'utf8'), 'x');
  const journal = await readFile(join(running.agent.config.state, 'journal.jsonl'), 'utf8');
  t.notMatch(JSON.stringify([first, second, third]) + journal, /correct-horse/);
  t.match(await running.agent.journal.read(10), [
    { action: 'file-ensure', params: { content: '[redacted]' } },
  ]);
});

test('what cannot be is said: no source, no user, both or neither content', async (t) => {
  await using running = await runAgentHere();
  const path = join(running.writable, 'a');
  const copyOf = join(running.writable, 'nothing');
  t.match(await run(running, 'file-ensure', { path, copyOf, mode: 0o600 }), { error: { code: 'NOT_FOUND' } });
  t.match(await run(running, 'file-ensure', { path, copyOf: '/etc/shadow', mode: 0o600 }), {
    error: { code: 'PATH_REFUSED' },
  });
  t.match(await run(running, 'file-ensure', { path, mode: 0o600 }), { error: { code: 'INVALID_PARAMS' } });
  t.match(await run(running, 'file-ensure', { path, content: '', copyOf, mode: 0o600 }), {
    error: { code: 'INVALID_PARAMS' },
  });
  t.match(await run(running, 'file-ensure', { path, content: '', mode: 0o600, owner: 'nobody-here' }), {
    error: { code: 'NOT_FOUND', message: /nobody-here/ },
  });
});

test('logs are read below /var/log only, and only their end', async (t) => {
  await using running = await runAgentHere();
  for (const file of ['/var/log/../../etc/passwd', '/var/log/', '/var/log/a\0b'])
    t.match(await run(running, 'log-read', { file, lines: 5 }), { error: { code: 'PATH_REFUSED' } }, file);
  t.match(await run(running, 'log-read', { file: '/var/log/no-such-file', lines: 5 }), {
    error: { code: 'NOT_FOUND' },
  });
  await t.rejects(run(running, 'log-read', { file: '/etc/passwd', lines: 5 }), { code: 'INVALID_PARAMS' });
});

test('what somebody else changes after a deploy is noticed, until it is put back', async (t) => {
  await using running = await runAgentHere();
  const { state } = running.agent.config;
  const params = (name: string, content: string) => ({
    ...{ path: join(running.writable, name), content, mode: 0o640 },
  });
  const [a, b] = [params('a.conf', 'one\n'), params('b.conf', 'two\n')];
  for (const each of [a, b]) await run(running, 'file-ensure', each);
  const watch = new DriftWatch(new ManagedFiles(state));
  let now = 0;
  const after = (ms: number) => {
    now += ms;
    return watch.read(now);
  };
  /** What a look after the pause and the one that confirms it tell. */
  const look = async () => {
    await after(20_000);
    return (await after(1000)).map(({ path, how }) => `${basename(path)} ${how}`);
  };
  t.same(await look(), []);
  await writeFile(a.path, 'ONE\n');
  await chmod(b.path, 0o600);
  t.same(await after(20_000), [], 'a difference that is seen for the first time may be a deploy at work');
  const drift = await after(1000);
  t.match(drift, [
    { path: a.path, how: 'content', stamp: /^[0-9a-f]{12}$/ },
    { path: b.path, how: 'mode' },
  ]);
  await writeFile(a.path, 'ONe\n');
  await rm(b.path);
  t.same(await look(), ['a.conf content', 'b.conf missing']);
  t.not((await watch.read(now))[0]?.stamp, drift[0]?.stamp, 'another change is told from the first');
  t.match(await run(running, 'file-ensure', a, 'plan'), { changes: [{ summary: 'change content' }] });
  for (const each of [a, b]) await run(running, 'file-ensure', each);
  t.same(await look(), []);
  await rm(a.path);
  await mkdir(a.path);
  t.same(await look(), ['a.conf content'], 'something else in its place');
  await rm(a.path, { recursive: true });
  await run(running, 'file-absent', { path: b.path });
  await run(running, 'file-ensure', a);
  t.same(await look(), [], 'what was taken away by a deploy is not missed');
});

test('a file that is right already and not noted is noted by the next deploy', async (t) => {
  await using running = await runAgentHere();
  await mkdir(running.writable, { recursive: true });
  const params = { path: join(running.writable, 'a.conf'), content: 'one\n', mode: 0o644 };
  await writeFile(params.path, params.content, { mode: 0o644 });
  t.match(await run(running, 'file-ensure', params), { changes: [{ summary: 'note as deployed' }] });
  t.match(await run(running, 'file-ensure', params), { outcome: 'ok' });
  await writeFile(params.path, 'two\n');
  await run(running, 'file-ensure', { ...params, content: 'two\n' });
  t.same(await new DriftWatch(new ManagedFiles(running.agent.config.state)).read(), []);
});
