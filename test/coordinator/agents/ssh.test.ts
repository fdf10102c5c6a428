import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { HOST_COMMANDS } from '../../../coordinator/agents/host-commands.ts';
import { makeAuthority } from '../../../coordinator/agents/issue-certificate.ts';
import { checkOwner, checkProbe, parseProbe } from '../../../coordinator/agents/probe.ts';
import { parseRemovalLook, refuseRemoval } from '../../../coordinator/agents/remove.ts';
import { replicationPasswordIn } from '../../../coordinator/agents/replication-password.ts';
import {
  openSsh,
  type SshTarget,
  socketFolder,
  sshArgv,
  sshExitArgv,
} from '../../../coordinator/agents/ssh.ts';
import { explainSshFailure } from '../../../coordinator/agents/ssh-error.ts';
import { renderClaims } from '../../../shared/model/claim.ts';
import { HOST_PATHS } from '../../../shared/model/paths.ts';
import { runCommand } from '../../../shared/runtime/run-command.ts';

const target: SshTarget = { name: 'db1', destination: 'root@10.88.0.11', configFile: null };

test('the argument vector of a command, as text', async (t) => {
  t.equal(
    sshArgv(target, '/tmp/hotpair-x/s', 'enrol').join(' '),
    'ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=5 -o ServerAliveCountMax=3 -o LogLevel=ERROR' +
      ' -o RequestTTY=no -o RemoteCommand=none -o PermitLocalCommand=no -o ClearAllForwardings=yes -o ForwardAgent=no' +
      ' -o ControlMaster=auto -o ControlPersist=30 -o ControlPath=/tmp/hotpair-x/s -- root@10.88.0.11' +
      ' exec /opt/hotpair/current/node /opt/hotpair/current/agent.cjs enroll',
  );
  const withFile = sshArgv({ ...target, configFile: '/etc/hotpair/ssh' }, '/s', 'probe');
  t.same(withFile.slice(0, 3), ['ssh', '-F', '/etc/hotpair/ssh']);
  t.same(sshExitArgv(target, '/s').slice(-4), ['-O', 'exit', '--', 'root@10.88.0.11']);
});

test('a destination can never become an option, and the command is one of the constants', async (t) => {
  const argv = sshArgv({ ...target, destination: '-oProxyCommand=evil' }, '/s', 'probe');
  t.same(argv.slice(-3), ['--', '-oProxyCommand=evil', HOST_COMMANDS.probe]);
});

test('every command on a host is one shell word and sound sh', async (t) => {
  for (const [name, command] of Object.entries(HOST_COMMANDS)) {
    if (name === 'enrol') continue;
    const script = /^exec sh -c '([^']*)'$/.exec(command)?.[1];
    t.type(script, 'string', `${name} has no quote of its own inside`);
    await t.resolves(runCommand(['sh', '-n', '-c', script ?? '('], { timeoutMs: 5000 }), `${name} parses`);
  }
});

test("ssh's words become coded errors with the command to try by hand", async (t) => {
  const cases: [string, number, string, string, RegExp][] = [
    [
      'changed key',
      255,
      '@  WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!  @\nHost key verification failed.',
      'HOST_KEY_CHANGED',
      /ssh-keygen -R/,
    ],
    ['unknown key', 255, 'Host key verification failed.', 'SSH_FAILED', /not known here/],
    ['no key fits', 255, 'root@10.88.0.11: Permission denied (publickey).', 'SSH_FAILED', /lets nobody in/],
    [
      'no name',
      255,
      'ssh: Could not resolve hostname nowhere: Name or service not known',
      'SSH_FAILED',
      /resolved/,
    ],
    [
      'refused',
      255,
      'ssh: connect to host 10.88.0.11 port 22: Connection refused',
      'SSH_FAILED',
      /no ssh server/,
    ],
    ['silent', 255, 'ssh: connect to host 10.88.0.11 port 22: Connection timed out', 'SSH_FAILED', /nobody/],
    ['no way', 255, 'ssh: connect to host 10.88.0.11 port 22: No route to host', 'SSH_FAILED', /no way/],
    ['no ssh here', -1, 'spawn ssh ENOENT', 'SSH_FAILED', /openssh-client/],
    ['other words', 255, 'kex_exchange_identification: read', 'SSH_FAILED', /kex_exchange/],
    ['no words', 255, '', 'SSH_FAILED', /without a word/],
  ];
  for (const [name, code, stderr, expected, words] of cases) {
    const error = explainSshFailure(target, 'probe', { code, stderr });
    t.equal(error.code, expected, name);
    t.match(error.message, words, name);
    t.match(error.message, /By hand: ssh root@10\.88\.0\.11 true$/, name);
  }
  const full = explainSshFailure(target, 'receive', {
    code: 2,
    stderr: 'tar: node: Wrote only 512 of 10240 bytes\ntar: Cannot write: No space left on device',
  });
  t.match(full, { code: 'DISK_FULL', message: /db1 has no space/ });
  t.match(explainSshFailure(target, 'receive', { code: 1, stderr: 'mv: nope' }), {
    code: 'COMMAND_FAILED',
    message: /mv: nope/,
  });
});

test('the probe is read line by line; every reason against an installation is told at once', async (t) => {
  const { stdout } = await runCommand(['sh', '-c', HOST_COMMANDS.probe], { timeoutMs: 5000 });
  t.match(parseProbe(stdout), { uid: process.getuid?.(), system: 'Linux', hasTar: true });
  const good = parseProbe(
    'uid 0\nsystem Linux\nmachine x86_64\ntar yes\ninit systemd\ncurrent releases/0.1.0+abc\nruntime /opt/hotpair/runtime/node-24.21.0-x64/node\n',
  );
  t.same(good, {
    uid: 0,
    system: 'Linux',
    machine: 'x86_64',
    hasTar: true,
    hasSystemd: true,
    current: 'releases/0.1.0+abc',
    runtimes: ['node-24.21.0-x64'],
    ca: null,
    trusted: null,
    claims: [],
  });
  t.doesNotThrow(() => checkProbe(target, good));
  t.throws(() => checkProbe(target, parseProbe('uid 1000\nsystem FreeBSD\n')), {
    code: 'SSH_FAILED',
    data: { problems: [/needs Linux/, /uid 1000/, /no tar/, /systemd/] },
  });
  t.throws(() => checkProbe(target, parseProbe('')), { code: 'SSH_FAILED' });
});

test('a host of another coordinator, or one that a pair is changed from, is refused before it is touched', async (t) => {
  const [ours, theirs] = await Promise.all([makeAuthority(), makeAuthority()]);
  const folder = t.testdir({ ca: theirs.cert });
  const claims = renderClaims(process.pid, [{ pair: 'orders', owner: 'root@ops (pid 7)', since: 1 }]);
  const ended = renderClaims(2 ** 30, [{ pair: 'orders', owner: 'root@gone (pid 8)', since: 1 }]);
  const look = async (...lines: string[]) => {
    await writeFile(join(folder, 'claims'), lines.join(''));
    const script = HOST_COMMANDS.probe
      .replaceAll(HOST_PATHS.ca, join(folder, 'ca'))
      .replaceAll(HOST_PATHS.claims, join(folder, 'claims'));
    return parseProbe((await runCommand(['sh', '-c', script], { timeoutMs: 5000 })).stdout);
  };
  const free = await look(ended);
  t.same(free.claims, [], 'an agent that has ended claims nothing');
  t.throws(() => checkOwner('db1', free, ours.cert, false), {
    code: 'REFUSED',
    message: /db1 belongs to another coordinator.*--take-over db1/,
  });
  t.doesNotThrow(() => checkOwner('db1', free, ours.cert, true));
  t.doesNotThrow(() => checkOwner('db1', free, theirs.cert, false));
  const held = await look(ended, claims);
  for (const takeOver of [false, true])
    t.throws(() => checkOwner('db1', held, theirs.cert, takeOver), {
      code: 'PAIR_BUSY',
      message: /root@ops \(pid 7\) is at work on the pair orders/,
    });
  for (const broken of [null, 'no certificate'])
    t.doesNotThrow(() => checkOwner('db1', { ...free, ca: broken }, ours.cert, false));
});

test('an authority is put before those that the host trusts, whole or not at all', async (t) => {
  const [ours, theirs] = await Promise.all([makeAuthority(), makeAuthority()]);
  const folder = t.testdir({ 'ca.crt': theirs.cert });
  const tell = async (input: string) => {
    const script = HOST_COMMANDS.trust
      .replaceAll(HOST_PATHS.pki, folder)
      .replaceAll(HOST_PATHS.claims, join(folder, 'claims'));
    return await runCommand(['sh', '-c', script], { timeoutMs: 5000, input, check: false });
  };
  const trusted = (): Promise<string> => readFile(join(folder, 'trusted.crt'), 'utf8');
  t.not((await tell(ours.cert.slice(0, 200))).code, 0, 'the connection was cut');
  t.same(await readdir(folder), ['ca.crt'], 'nothing is left of it');
  t.equal((await tell(ours.cert)).code, 0);
  t.equal(await trusted(), ours.cert + theirs.cert);
  const third = await makeAuthority();
  await writeFile(
    join(folder, 'claims'),
    renderClaims(process.pid, [{ pair: 'orders', owner: 'root@ops (pid 7)', since: 1 }]),
  );
  t.match(await tell(third.cert), { code: 1, stderr: /root@ops/ });
  await rm(join(folder, 'claims'));
  await tell(third.cert);
  t.equal(await trusted(), third.cert + ours.cert + theirs.cert);
  const probe = HOST_COMMANDS.probe.replaceAll(HOST_PATHS.pki, folder);
  const { stdout } = await runCommand(['sh', '-c', probe], { timeoutMs: 5000 });
  t.equal(parseProbe(stdout).trusted, (await trusted()).trim());
});

test('the password that a pair replicates with is found in what its guard is configured with', (t) => {
  t.equal(replicationPasswordIn('{"database":{"replicationPassword":"secret"}}'), 'secret');
  for (const other of ['', '{}', 'null', '{"database":{"replicationPassword":7}}', '{"database":'])
    t.equal(replicationPasswordIn(other), null, other);
  t.end();
});

test('what a host says before a removal decides whether it needs force', async (t) => {
  t.same(parseRemovalLook(''), {
    ...{ installed: false, deployed: false, role: null },
    claims: [],
  });
  const look = parseRemovalLook('agent yes\nguard yes\nstatus {"permit":true,"role":"primary"}\n');
  t.match(look, { installed: true, deployed: true, role: 'primary' });
  t.match(parseRemovalLook('agent yes\nclaim 7 1 orders root@ops (pid 7)\n').claims, [{ pair: 'orders' }]);
  t.equal(refuseRemoval('db1', { ...look, deployed: false }), undefined);
  t.match(refuseRemoval('db1', look), { code: 'REFUSED', message: /primary.*--force db1/ });
  t.match(refuseRemoval('db1', { ...look, role: 'standby' }), { code: 'REFUSED', message: /standby/ });
  t.match(refuseRemoval('db1', { ...look, role: null }), { code: 'REFUSED' });
});

test('the folder of sockets is for the user alone', async (t) => {
  const before = process.env['TMPDIR'];
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  process.env['TMPDIR'] = t.testdir();
  const folder = await socketFolder();
  t.equal((await stat(folder)).mode & 0o777, 0o700);
  t.equal(await socketFolder(), folder);
  await chmod(folder, 0o755);
  t.not(await socketFolder(), folder, 'one that others can enter is not used');
});

test('a connection ends with its socket, and a command that fails, hangs or is cancelled is an error', async (t) => {
  const before = await readdir(await socketFolder());
  const file = join(t.testdir(), 'ssh_config');
  const nobody = async (proxy: string) => {
    await writeFile(file, `Host *\n  ProxyCommand ${proxy}\n`);
    await chmod(file, 0o600);
    return openSsh({ ...target, configFile: file });
  };
  const failing = await nobody('/bin/false');
  await t.rejects(failing.run('probe', { timeoutMs: 5000 }), { code: 'SSH_FAILED' });
  await failing.close();
  const hanging = await nobody('/bin/sleep 60');
  await t.rejects(hanging.run('probe', { timeoutMs: 100 }), { code: 'DEADLINE_EXCEEDED' });
  const controller = new AbortController();
  const cancelled = hanging.run('probe', { timeoutMs: 5000, signal: controller.signal });
  controller.abort();
  await t.rejects(cancelled, { code: 'CANCELLED' });
  await hanging.close();
  t.same(await readdir(await socketFolder()), before);
});
