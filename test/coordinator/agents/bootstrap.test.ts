import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { whyInstall } from '../../../coordinator/agents/bootstrap.ts';
import { RENEW_MS } from '../../../coordinator/agents/pki.ts';
import { releaseEntries, releaseLink } from '../../../coordinator/agents/release.ts';
import { findRuntime } from '../../../coordinator/agents/runtime.ts';
import { selectHosts } from '../../../coordinator/agents/select-hosts.ts';
import { type TarEntry, tarHeader, tarStream } from '../../../coordinator/agents/tar-stream.ts';
import { releaseOf, sameRelease } from '../../../coordinator/agents/version.ts';
import type { AgentBundle } from '../../../install/bundle.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../../shared/model/pair-spec.ts';
import { runCommand } from '../../../shared/runtime/run-command.ts';

async function collect(entries: readonly TarEntry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarStream(entries)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('why an agent is installed, by what connecting to it gave', async (t) => {
  const now = Date.parse('2026-01-01');
  const good = { link: { certificateExpiresAt: now + RENEW_MS + 1 } };
  t.equal(whyInstall(good, now), undefined);
  t.equal(whyInstall({ link: { certificateExpiresAt: now } }, now), 'its certificate ends on 2026-01-01');
  const after = (code: 'AGENT_VERSION' | 'AGENT_UNREACHABLE' | 'CERTIFICATE_REJECTED', data = {}) =>
    whyInstall({ error: new AppError(code, code, { data }) }, now);
  t.equal(after('AGENT_VERSION', { agent: '0.0.9' }), 'its agent is 0.0.9');
  t.match(after('CERTIFICATE_REJECTED'), /trust/);
  t.equal(after('AGENT_UNREACHABLE'), 'no agent answers');
});

test('the archive is what tar reads: files of any size, modes and links', async (t) => {
  const folder = t.testdir();
  const big = randomBytes(3 * 1024 * 1024 + 17);
  await writeFile(join(folder, 'big'), big);
  const entries: TarEntry[] = [
    {
      kind: 'file',
      path: 'runtime/n/node',
      mode: 0o755,
      size: big.length,
      content: { file: join(folder, 'big') },
    },
    { kind: 'file', path: 'releases/v/agent.cjs', mode: 0o644, size: 512, content: new Uint8Array(512) },
    { kind: 'file', path: 'releases/v/empty', mode: 0o600, size: 0, content: new Uint8Array(0) },
    { kind: 'link', path: 'current', target: 'releases/v' },
  ];
  const archive = await collect(entries);
  t.equal(archive.length % 10_240, 0, 'whole records');
  await writeFile(join(folder, 'a.tar'), archive);
  await runCommand(['tar', '-xf', 'a.tar'], { cwd: folder, timeoutMs: 10_000 });
  t.ok((await readFile(join(folder, 'runtime/n/node'))).equals(big));
  t.equal((await readFile(join(folder, 'current/agent.cjs'))).length, 512);
  const { stdout } = await runCommand(['tar', '-tvf', 'a.tar'], { cwd: folder, timeoutMs: 10_000 });
  t.match(
    stdout,
    /-rwxr-xr-x root\/root .* runtime\/n\/node\n-rw-r--r-- .*\n-rw------- .*\nlrwxrwxrwx .* current -> releases\/v/,
  );
});

test('an archive is never made of a file that has changed, or of a path that does not fit', async (t) => {
  const folder = t.testdir({ short: 'abc' });
  const entry: TarEntry = {
    kind: 'file',
    path: 'x',
    mode: 0o644,
    size: 4,
    content: { file: join(folder, 'short') },
  };
  await t.rejects(collect([entry]), { code: 'INTERNAL', message: /3 bytes instead of 4/ });
  t.throws(() => tarHeader({ kind: 'link', path: 'p'.repeat(101), target: '' }), { code: 'INTERNAL' });
});

test('a release brings the runtime only where it is missing', async (t) => {
  const bundle: AgentBundle = {
    path: '/dist/agent.cjs',
    version: '0.1.0+abc',
    sha256: '',
    content: Buffer.from('agent'),
    guard: Buffer.from('guard'),
    units: [{ name: 'hotpair-agent.service', content: '[Unit]\n' }],
  };
  const runtime = { name: 'node-24.21.0-x64', file: '/node', size: 5 };
  const paths = (withRuntime: boolean) =>
    releaseEntries(bundle, runtime, withRuntime).map((entry) =>
      entry.kind === 'link' ? `${entry.path} -> ${entry.target}` : entry.path,
    );
  const release = [
    'releases/0.1.0+abc/agent.cjs',
    'releases/0.1.0+abc/guard.cjs',
    'releases/0.1.0+abc/hotpair-agent.service',
    'releases/0.1.0+abc/node -> ../../runtime/node-24.21.0-x64/node',
    'current -> releases/0.1.0+abc',
  ];
  t.same(paths(false), release);
  t.same(paths(true), ['runtime/node-24.21.0-x64/node', ...release]);
  t.equal(releaseLink('0.1.0+abc'), 'releases/0.1.0+abc');
});

test('the runtime is the Node of the npm packages; a processor without one is named', async (t) => {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const runtime = await findRuntime(machine);
  t.match(runtime.name, /^node-24\.\d+\.\d+-(x64|arm64)$/);
  t.ok(runtime.size > 50e6);
  await t.rejects(findRuntime('riscv64'), { code: 'SSH_FAILED', message: /riscv64/ });
});

test('versions of one release are alike whatever their build', async (t) => {
  t.equal(releaseOf('0.1.0+3f2a9c01d4e5'), '0.1.0');
  t.ok(sameRelease('0.1.0+a', '0.1.0'));
  t.notOk(sameRelease('0.1.0+a', '0.2.0+a'));
});

test('hosts are found by name, and a name in doubt is a question', async (t) => {
  const host = (name: string) => ({ name, address: '10.0.0.1' });
  // Only names are looked at.
  const spec = {
    pairs: [
      { name: 'orders', hosts: [host('db1'), host('db2')] },
      { name: 'users', hosts: [host('db1'), host('db3')] },
    ],
  } as unknown as HotpairSpec;
  const names = (wanted: string[], pair?: string) =>
    selectHosts(spec, wanted, pair).map((one) => `${one.pair.name}/${one.host.name}`);
  t.same(names([]), ['orders/db1', 'orders/db2', 'users/db1', 'users/db3']);
  t.same(names(['db3', 'db2']), ['orders/db2', 'users/db3']);
  t.same(names(['db1'], 'users'), ['users/db1']);
  t.throws(() => names(['db1']), { code: 'USAGE', message: /orders, users/ });
  t.throws(() => names(['db9']), { code: 'NOT_FOUND', message: /db1, db2, db3/ });
  t.throws(() => names([], 'none'), { code: 'NOT_FOUND', message: /orders, users/ });
});
