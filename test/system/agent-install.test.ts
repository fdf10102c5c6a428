// The agent on bare hosts of the lab: installed, installed again, upgraded, taken over, refused and removed, through the
// coordinator's own command line. Everything runs from a copy of the sources, so that the test may change them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { makeLeaf } from '../../coordinator/agents/issue-certificate.ts';
import { renderClaims } from '../../shared/model/claim.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { type Lab, type LabHost, startLab } from '../lab/lab.ts';
import { makeLabCoordinator } from '../support/lab-coordinator.ts';
import { needsLab } from '../support/needs-lab.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DAY = 86_400_000;
const timeout = 300_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

interface InstallDocument {
  readonly hosts: readonly { readonly host: string; readonly version: string; readonly changed: string[] }[];
  readonly error?: { readonly code: string; readonly message: string };
}

test('the agent on two bare hosts', { skip: needsLab(), timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const [db1, db2] = [lab.host('db1'), lab.host('db2')];
  const root = await copySources(lab);
  const ours = makeLabCoordinator(lab, { root });
  const before = await listFiles(db1);

  const install = async (...args: string[]) => {
    const { code, document } = await ours.json('agent', 'install', ...args);
    // The document's shape is what this test checks below.
    return { code, ...(document as InstallDocument) };
  };
  const changes = (document: InstallDocument) => document.hosts.map(({ changed }) => changed);

  await t.test(
    'a coordinator that is killed while it copies leaves nothing that is in the way',
    async (t) => {
      const [file = '', ...args] = ours.argv('agent', 'install');
      const child = spawn(file, args, { stdio: 'ignore' });
      while (!existsSync(join(db1.root, 'opt/hotpair/incoming'))) await sleep(5);
      child.kill('SIGKILL');
      await once(child, 'close');
      t.notOk(existsSync(join(db1.root, HOST_PATHS.agentUnit)));
    },
  );

  let version = '';
  await t.test('one command brings the agents, and no secret is in any command line', async (t) => {
    const watch = watchCommandLines();
    const started = performance.now();
    const document = await install();
    t.comment(`installed on both hosts in ${Math.round(performance.now() - started)} ms`);
    const seen = watch.stop();
    t.equal(document.code, 0);
    version = document.hosts[0]?.version ?? '';
    t.match(version, /^0\.1\.0\+[0-9a-f]{12}$/);
    for (const host of [db1, db2]) {
      t.equal((await host.exec(['systemctl', 'is-active', 'hotpair-agent'])).stdout, 'active\n');
      t.equal((await host.exec(['systemctl', 'is-enabled', 'hotpair-agent'])).stdout, 'enabled\n');
      t.equal((await host.exec([HOST_PATHS.node, HOST_PATHS.bundle, 'version'])).stdout, `${version}\n`);
      t.notOk(existsSync(join(host.root, 'opt/hotpair/incoming')), 'no half-copied files');
    }
    const modes = await db1.exec([
      'stat',
      '-c',
      '%a %U %n',
      ...[HOST_PATHS.config, HOST_PATHS.pki, HOST_PATHS.agentKey, HOST_PATHS.databaseKey],
    ]);
    t.same(
      modes.stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['700 root', '700 root', '600 root', '600 root'],
    );
    t.ok(seen.size > 10, `${seen.size} command lines were seen`);
    const secrets = [...keyLines(join(ours.data, 'pki')), ...keyLines(join(db1.root, HOST_PATHS.pki))];
    t.ok(secrets.length >= 8);
    t.same(
      [...seen].filter((line) => secrets.some((secret) => line.includes(secret))),
      [],
    );
    t.notOk(
      [...seen].some((line) => line.includes('BEGIN ')),
      'no PEM either',
    );
  });

  await t.test('agent list connects and tells build and certificate', async (t) => {
    const { code, document } = await ours.json('agent', 'list');
    t.equal(code, 0);
    t.match(document, {
      wanted: version,
      agents: [
        { pair: 'orders', host: 'db1', up: true, version, state: 'up' },
        { pair: 'orders', host: 'db2', up: true, version, state: 'up' },
      ],
    });
  });

  await t.test('a second installation changes nothing: no file, no process', async (t) => {
    const [files, pid] = [await listFiles(db1, true), await db1.pidOf('hotpair-agent')];
    const started = performance.now();
    const document = await install();
    t.comment(`second installation: ${Math.round(performance.now() - started)} ms`);
    t.same(changes(document), [[], []]);
    t.same(difference(files, await listFiles(db1, true)), []);
    t.equal(await db1.pidOf('hotpair-agent'), pid);
  });

  await t.test('a stopped agent is started, and the enrolment writes nothing', async (t) => {
    await db1.exec(['systemctl', 'stop', 'hotpair-agent']);
    const files = await listFiles(db1, true);
    const document = await install();
    t.same(changes(document), [['hotpair-agent.service started'], []]);
    t.same(difference(files, await listFiles(db1, true)), []);
  });

  await t.test('another build replaces the one that runs, and keeps the runtime and the keys', async (t) => {
    const inode = (path: string) => db1.exec(['stat', '-L', '-c', '%i', path]);
    const [runtime, key] = [await inode(HOST_PATHS.node), await inode(HOST_PATHS.agentKey)];
    await appendFile(join(root, 'install/units/hotpair-agent.service'), '# another build\n');
    const started = performance.now();
    const document = await install('db1');
    t.comment(`upgrade: ${Math.round(performance.now() - started)} ms`);
    const upgraded = document.hosts[0]?.version ?? '';
    t.not(upgraded, version);
    t.same(await inode(HOST_PATHS.node), runtime);
    t.same(await inode(HOST_PATHS.agentKey), key);
    t.equal((await db1.exec(['tail', '-n', '1', HOST_PATHS.agentUnit])).stdout, '# another build\n');
    const releases = readdirSync(join(db1.root, 'opt/hotpair/releases')).toSorted();
    t.same(releases, [version, upgraded].toSorted(), 'the previous build stays for the way back');
    t.match((await ours.json('agent', 'list')).document, {
      agents: [
        { version: upgraded, state: 'up' },
        { version, state: /to be brought to/ },
      ],
    });
    await install();
  });

  await t.test('a certificate near its end is renewed, with a new key', async (t) => {
    await giveOldCertificate(db2, join(ours.data, 'pki'));
    const key = await readFile(join(db2.root, HOST_PATHS.agentKey), 'utf8');
    const [first, second] = changes(await install());
    t.same(first, []);
    t.match(second, [HOST_PATHS.databaseKey, HOST_PATHS.databaseCert, HOST_PATHS.agentKey]);
    t.not(await readFile(join(db2.root, HOST_PATHS.agentKey), 'utf8'), key);
  });

  await t.test('an agent that somebody works with is neither replaced nor removed', async (t) => {
    await appendFile(join(root, 'install/units/hotpair-agent.service'), '# a third build\n');
    const shown = await db1.exec(['systemctl', 'show', '--property', 'MainPID', '--value', 'hotpair-agent']);
    const claim = { pair: 'orders', owner: 'root@elsewhere (coordinator, pid 7)', since: Date.now() };
    await db1.exec(['tee', HOST_PATHS.claims], { input: renderClaims(Number(shown.stdout), [claim]) });
    const files = await listFiles(db1, true);
    const busy = { code: 3, error: { code: 'PAIR_BUSY', message: /root@elsewhere/ } };
    t.match(await install('db1'), busy);
    t.match((await ours.json('agent', 'remove', 'db1', '--force', 'db1')).document, { error: busy.error });
    t.match((await ours.json('deploy', '--yes')).document, { error: busy.error });
    t.same(difference(files, await listFiles(db1, true)), [], 'nothing was touched');
    await db1.exec(['rm', HOST_PATHS.claims]);
    t.equal((await install('db1')).code, 0, 'and with the claim gone it goes on');
  });

  await t.test('another coordinator is refused, unless it takes the host over', async (t) => {
    const theirs = makeLabCoordinator(lab, { root, name: 'other' });
    const files = await listFiles(db2, true);
    const refused = await theirs.json('agent', 'install', 'db2');
    t.equal(refused.code, 3);
    t.match(refused.document, {
      error: { code: 'REFUSED', message: /another coordinator.*--take-over db2/ },
    });
    t.same(
      difference(files, await listFiles(db2, true)),
      [],
      'nothing was touched, though its build is another',
    );
    t.match((await theirs.json('agent', 'list')).document, { agents: [{ up: false }, { up: false }] });

    t.equal((await theirs.json('agent', 'install', 'db2', '--take-over')).code, 0);
    t.match((await theirs.json('agent', 'list')).document, { agents: [{ up: false }, { up: true }] });
    t.match((await ours.json('agent', 'list')).document, { agents: [{ up: true }, { up: false }] });
    t.equal((await install('db2')).code, 3, 'it belongs to the other one now');
    t.equal((await install('db2', '--take-over')).code, 0);
  });

  await t.test('a host of a deployed pair is not removed unless it is named twice', async (t) => {
    const put = (path: string, text: string) => db1.exec(['tee', path], { input: text });
    await put(HOST_PATHS.guardConfig, '{}');
    await put(HOST_PATHS.guardStatus, '{ "role": "primary" }');
    const refused = await ours.json('agent', 'remove', 'db1');
    t.equal(refused.code, 3);
    t.match(refused.document, { error: { code: 'REFUSED', message: /primary of a deployed pair/ } });
    t.equal((await ours.json('agent', 'remove', 'db1', '--force', 'db2')).code, 3);
    t.equal((await db1.exec(['systemctl', 'is-active', 'hotpair-agent'])).stdout, 'active\n');
    t.equal((await ours.json('agent', 'remove', 'db1', '--force', 'db1')).code, 0);
  });

  await t.test('after the removal the host is as it was', async (t) => {
    t.same(difference(before, await listFiles(db1)), []);
    t.equal((await db1.exec(['systemctl', 'is-system-running'])).stdout, 'running\n');
    const again = await ours.json('agent', 'remove', 'db1');
    t.match(again, { code: 0, document: { host: 'db1', removed: [] } }, 'a second time there is nothing');
  });

  await t.test(
    'a host that answers ssh with another key, or not at all, is an error with the command to try',
    async (t) => {
      const key = '/etc/ssh/ssh_host_ed25519_key';
      await db1.exec(['rm', key, `${key}.pub`]);
      await db1.exec(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
      await db1.exec(['systemctl', 'restart', 'ssh']);
      const changed = await install('db1');
      t.match(changed, {
        code: 3,
        error: { code: 'HOST_KEY_CHANGED', message: /ssh -F .*root@10\.88\.0\.11/ },
      });
      await db1.exec(['systemctl', 'stop', 'ssh.socket', 'ssh.service']);
      const gone = await install('db1');
      t.match(gone, { code: 1, error: { code: 'SSH_FAILED', message: /ssh -F .*root@10\.88\.0\.11 true/ } });
    },
  );
});

/** A checkout that the test may change: sources copied, packages linked. */
async function copySources(lab: Lab): Promise<string> {
  const root = join(lab.directory, 'sources');
  await mkdir(root);
  for (const name of ['agent', 'coordinator', 'install', 'shared', 'package.json', 'package-lock.json'])
    await cp(join(ROOT, name), join(root, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return root;
}

/** Every file of the host's disk that is not a log: path, mode, owner, size and target of links; with times too. */
async function listFiles(host: LabHost, withTimes = false): Promise<string[]> {
  // Node's own cache of compiled code, written when a process ends.
  const compileCache = '/var/lib/hotpair/compile-cache';
  const leftOut = [
    '/proc',
    '/sys',
    '/dev',
    '/run',
    '/tmp',
    '/var/tmp',
    '/var/log',
    '/var/lib/lab-repo',
    compileCache,
  ];
  const prune = leftOut.flatMap((path) => ['-path', path, '-prune', '-o']);
  const format = `%p %y %m %U:%G %l${withTimes ? ' %T@' : ''}\n`;
  const { stdout } = await host.exec(['find', '/', '-xdev', ...prune, '-printf', format]);
  return stdout.trim().split('\n').toSorted();
}

function difference(before: readonly string[], after: readonly string[]): string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}

/** Collects the command lines of all processes of the machine, the lab's hosts included. */
function watchCommandLines(): { stop(): ReadonlySet<string> } {
  const seen = new Set<string>();
  const look = (): void => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        // It has ended.
      }
  };
  const timer = setInterval(look, 20);
  return {
    stop() {
      clearInterval(timer);
      return seen;
    },
  };
}

/** The lines of the private keys in a folder, without the frame. */
function keyLines(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.key'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '' && !line.startsWith('-----'));
}

async function giveOldCertificate(host: LabHost, pki: string): Promise<void> {
  const authority = {
    cert: await readFile(join(pki, 'ca.crt'), 'utf8'),
    key: await readFile(join(pki, 'ca.key'), 'utf8'),
  };
  const leaf = await makeLeaf(authority, {
    commonName: host.name,
    address: host.address,
    use: 'server',
    notBefore: new Date(Date.now() - 800 * DAY),
    notAfter: new Date(Date.now() + 10 * DAY),
  });
  await writeFile(join(host.root, HOST_PATHS.agentCert), leaf.cert);
  await writeFile(join(host.root, HOST_PATHS.agentKey), leaf.key);
  await host.exec(['systemctl', 'restart', 'hotpair-agent']);
}
