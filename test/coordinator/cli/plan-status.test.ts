// plan, status and verify where no agent answers: in a network of their own without any way out.
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { type RunResult, runCommand } from '../../../shared/runtime/run-command.ts';

const MAIN = fileURLToPath(new URL('../../../coordinator/main.ts', import.meta.url));
const skip = process.getuid?.() === 0 ? false : 'a network namespace of its own needs root';

function runCli(args: readonly string[], { cwd }: { readonly cwd: string }): Promise<RunResult> {
  const argv = ['unshare', '--net', 'env', '-u', 'NODE_OPTIONS', process.execPath, MAIN, ...args];
  return runCommand(argv, { timeoutMs: 60_000, check: false, cwd });
}

async function folderWithFile(folder: string): Promise<string> {
  await writeFile(
    join(folder, 'hotpair.yaml'),
    `pairs:
  orders:
    vip: 10.88.0.10/24
    hosts:
      db1: { address: 10.88.0.11, interface: lo }
      db2: { address: 10.88.0.12, interface: lo }
coordinator: { data: data }
`,
  );
  return folder;
}

test('a plan without agents is made from what would be written, and shows no secret', { skip }, async (t) => {
  const cwd = await folderWithFile(t.testdir());
  const { code, stdout } = await runCli(['plan'], { cwd });
  t.equal(code, 0);
  t.match(stdout, /db1: the agent is installed first/);
  t.match(stdout, /99-hotpair\.cnf: create\n {6}\+# Written by hotpair/);
  t.match(stdout, /\n\d+ changes; nothing was touched\. coordinator deploy orders makes them\.\n$/);
  const json = await runCli(['plan', '--json'], { cwd });
  t.match(JSON.parse(json.stdout), { pair: 'orders', agentsMissing: ['db1', 'db2'], notes: [] });
  t.notOk((await readdir(join(cwd, 'data'))).includes('secrets'), 'a plan makes no secrets');
});

test('the status of hosts that do not answer says so, and is no error', { skip }, async (t) => {
  const cwd = await folderWithFile(t.testdir());
  const { code, stdout } = await runCli(['status'], { cwd });
  t.equal(code, 0);
  t.match(stdout, /^orders {2}● not healthy {3}VIP 10\.88\.0\.10\/24 not seen\n/);
  t.match(stdout, /db2: No agent answers on db2/);
  const json = await runCli(['--json', 'status', 'orders'], { cwd });
  t.match(JSON.parse(json.stdout), {
    pairs: [
      { pair: 'orders', healthy: false, primary: null, hosts: [{ heartbeat: null }, { heartbeat: null }] },
    ],
  });
});

test('verify of a pair that was never deployed names what to do', { skip }, async (t) => {
  const cwd = await folderWithFile(t.testdir());
  const { code, stderr } = await runCli(['verify'], { cwd });
  t.equal(code, 2);
  t.match(stderr, /was not deployed from here\. coordinator deploy orders deploys it\./);
});
