import { stat } from 'node:fs/promises';
import { execPath } from 'node:process';
import { test } from 'tap';
import { buildAgentBundle } from '../../install/bundle.ts';
import { HOTPAIR_VERSION } from '../../shared/protocol/version.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';

test('what goes onto a host is at most 2.5 MB, runs without node_modules and knows its build', async (t) => {
  const bundle = await buildAgentBundle();
  const bytes = bundle.content.length + bundle.guard.length;
  t.ok(bytes <= 2.5e6, `${bytes} bytes, agent and guard`);
  t.match(bundle.version, new RegExp(`^${HOTPAIR_VERSION.replaceAll('.', '\\.')}\\+[0-9a-f]{12}$`));
  t.match(bundle.sha256, /^[0-9a-f]{64}$/);
  t.same(
    bundle.units.map(({ name }) => name),
    ['hotpair-agent.service', 'hotpair-guard.service'],
  );
  const folder = t.testdir();
  const run = (...args: string[]) =>
    runCommand([execPath, bundle.path, ...args], { cwd: folder, timeoutMs: 20_000, check: false });
  t.equal((await run('version')).stdout, `${bundle.version}\n`);
  t.equal((await run('nonsense')).code, 2);
});

test('sources that have not changed are not bundled again, whoever asks at the same time', async (t) => {
  const first = await buildAgentBundle();
  const { mtimeMs } = await stat(first.path);
  const [one, other] = await Promise.all([buildAgentBundle(), buildAgentBundle()]);
  t.equal(one.version, first.version);
  t.equal(other.sha256, first.sha256);
  t.equal((await stat(first.path)).mtimeMs, mtimeMs);
});

test('the enrolment of the bundle answers in JSON lines, and refuses a foreign version', async (t) => {
  const { path } = await buildAgentBundle();
  const enrol = (input: string) =>
    runCommand([execPath, path, 'enroll'], { input, timeoutMs: 20_000, check: false });
  const empty = await enrol('');
  t.equal(empty.code, 1);
  t.match(JSON.parse(empty.stdout), { type: 'failed', code: 'CONNECTION_LOST' });
  t.match(JSON.parse((await enrol('what?\n')).stdout), { type: 'failed', code: 'MALFORMED_FRAME' });
  t.match(JSON.parse((await enrol('{"type":"enrol"}\n')).stdout), {
    type: 'failed',
    code: 'MALFORMED_FRAME',
  });
  t.match(JSON.parse((await enrol(`{"x":"${'y'.repeat(70_000)}"}\n`)).stdout), { code: 'MALFORMED_FRAME' });
  const other = {
    type: 'enrol',
    host: 'db1',
    address: '127.0.0.1',
    port: 7433,
    ca: '-----BEGIN CERTIFICATE-----',
    version: '0.0.1+000000000000',
    renewBefore: 0,
    takeOver: false,
    restart: false,
  };
  t.match(JSON.parse((await enrol(`${JSON.stringify(other)}\n`)).stdout), { code: 'AGENT_VERSION' });
});
