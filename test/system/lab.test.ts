// The lab's own tests, with real boots: hosts can be used, every fault does what its name says and ends when it is
// healed, and a run leaves nothing behind, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import tap, { test } from 'tap';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { parseClassicSources, parseDeb822Sources, sourcesFor } from '../lab/apt-sources.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { answersSsh, reaches, tracesOf } from '../lab/probes.ts';
import { removeLeftovers } from '../lab/remove-run.ts';
import { run } from '../lab/run.ts';
import { renderRule } from '../lab/switch-rules.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 240_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

test('the mirror is read from either format of apt and written for the hosts', async (t) => {
  const classic = parseClassicSources(
    'deb [signed-by=/k.gpg] http://mirror.test/debian trixie main contrib\n# deb http://no.test x main\n',
  );
  const deb822 = parseDeb822Sources(
    'Types: deb deb-src\nURIs: http://mirror.test/debian\nSuites: trixie trixie-updates\nComponents: main\nSigned-By: /k.gpg\n\n' +
      'Types: deb\nEnabled: no\nURIs: http://off.test\nSuites: trixie\nComponents: main\n',
  );
  const other = parseClassicSources('deb http://vendor.test/apt nodistro main\n');
  t.same(sourcesFor('bookworm', 'trixie', [...classic, ...deb822, ...other]), [
    'deb [signed-by=/k.gpg] http://mirror.test/debian bookworm main',
    'deb [signed-by=/k.gpg] http://mirror.test/debian bookworm-updates main',
  ]);
});

test('a packet rule matches by port, and ARP never', async (t) => {
  const words = renderRule({ from: 'db1', to: 'db2', match: 'ip', percent: 30 }).join(' ');
  t.equal(words, 'iifname "p-db1" oifname "p-db2" ether type ip numgen random mod 100 < 30 drop');
});

test('bare hosts can be used, and a plug can be pulled', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const [db1, db2] = [lab.host('db1'), lab.host('db2')];

  await t.test('a command runs in its host, with input, output and code', async (t) => {
    t.equal((await db1.exec(['hostname'])).stdout, 'db1\n');
    t.equal((await db2.exec(['cat'], { input: 'words' })).stdout, 'words');
    t.equal((await db1.exec(['false'], { check: false })).code, 1);
    await t.rejects(db1.exec(['ls', '/nowhere']), /No such file/);
    t.equal((await db1.exec(['systemctl', 'is-system-running'])).stdout, 'running\n');
    await t.rejects(db1.exec(['sleep', '9'], { timeoutMs: 100 }), /timed out/);
  });

  await t.test('the operator logs in over SSH', async (t) => {
    const ssh = [...lab.operatorArgv, 'ssh', '-F', lab.sshConfig, `root@${db1.address}`, 'hostname'];
    t.equal((await run(ssh)).stdout, 'db1\n');
    t.ok(await answersSsh(lab, 'db2'));
  });

  await t.test('apt works offline with the local repository as its only source', async (t) => {
    await db1.exec(['apt-get', 'update']);
    await db1.exec(['apt-get', 'install', '-y', '-q', 'arping']);
    t.equal((await db1.exec(['arping', '-c1', '-r', db2.address])).stdout.trim(), '02:0a:58:00:0c:01');
    t.match((await db1.exec(['apt-cache', 'policy', 'mariadb-server'])).stdout, /Candidate: 1:10\.11/);
  });

  await t.test(
    'after a power loss nothing answers, and the disk is there again at the next boot',
    async (t) => {
      await db1.exec(['touch', '/var/kept']);
      await db1.powerLoss();
      t.equal(db1.running, false);
      t.equal(await reaches(lab.operatorArgv, db1.address), false);
      await t.rejects(async () => db1.exec(['true']), /db1 is off/);
      await db1.boot();
      await db1.exec(['test', '-e', '/var/kept']);
      t.ok(await reaches(db2, db1.address));
    },
  );

  await t.test('a host powers off cleanly and comes back from a reboot of its own', async (t) => {
    await db2.powerOff();
    t.equal(await reaches(lab.operatorArgv, db2.address), false);
    await db2.boot();
    const before = db2.root;
    await db2.exec(['reboot'], { check: false });
    await until(async () => db2.running && db2.root !== before && (await answersSsh(lab, 'db2')));
    t.pass('rebooted');
  });

  await lab.close();
  t.same(tracesOf(lab.prefix), []);
});

test('faults of the wire do what they say, and end', { skip, timeout }, async (t) => {
  await using lab = await startLab({ image: 'golden', log: (line) => t.comment(line) });
  const wire = (): Promise<boolean[]> => reachability(lab);
  const whole = [true, true, true, true, true];
  // A carrier is back, and a neighbour that could not be resolved is asked for again, a second or two later.
  const untilWhole = (): Promise<boolean[]> =>
    waitFor(
      'everyone to reach everyone',
      async () => {
        const now = await wire();
        return isDeepStrictEqual(now, whole) ? now : undefined;
      },
      { deadlineMs: 15_000 },
    );
  // operator to db1, operator to db2, client to db1, db1 to db2, db2 to db1
  const cases = [
    {
      name: 'a pulled cable',
      start: () => lab.faults.pullCable('db1'),
      seen: [false, true, false, false, false],
    },
    {
      name: 'a silent cut',
      start: () => lab.faults.silentCut('db1'),
      seen: [false, true, false, false, false],
    },
    { name: 'isolated hosts', start: () => lab.faults.isolate(), seen: [true, true, true, false, false] },
    {
      name: 'clients cut off',
      start: () => lab.faults.silentCut('client'),
      seen: [true, true, false, true, true],
    },
    { name: 'VRRP alone', start: () => lab.faults.dropVrrp(), seen: whole },
  ];
  for (const { name, start, seen } of cases) {
    const end = await start();
    t.same(await wire(), seen, name);
    await end();
    t.same(await untilWhole(), whole, `${name}, ended`);
  }

  await t.test('the carrier goes with the cable, and stays with a silent cut', async (t) => {
    const carrier = async (): Promise<string> =>
      (await lab.host('db1').exec(['cat', '/sys/class/net/eth0/carrier'])).stdout.trim();
    await lab.faults.silentCut('db1');
    t.equal(await carrier(), '1');
    await lab.faults.pullCable('db1');
    t.equal(await carrier(), '0');
    await lab.heal();
    t.same(await untilWhole(), whole);
  });

  await t.test('one way drops one way', async (t) => {
    const end = await lab.faults.dropOneWay('db1', 'db2');
    t.equal(await heardFrom(lab, 'db1', 'db2'), false);
    t.equal(await heardFrom(lab, 'db2', 'db1'), true);
    await end();
    t.equal(await heardFrom(lab, 'db1', 'db2'), true);
  });

  await t.test('random loss loses some', async (t) => {
    await lab.faults.loseRandomly(40, ['db1', 'db2']);
    const argv = ['ping', '-q', '-c', '200', '-i', '0.002', '-W', '1', lab.host('db2').address];
    const { stdout } = await lab.host('db1').exec(argv, { check: false });
    const lost = Number(/(\d+(?:\.\d+)?)% packet loss/.exec(stdout)?.[1]);
    t.ok(lost > 20 && lost < 60, `${lost}% of 40% lost`);
    await lab.heal();
  });

  await t.test('a slow link is slow', async (t) => {
    const transfer = async (): Promise<number> => {
      const started = performance.now();
      await run([
        ...lab.operatorArgv,
        'ssh',
        '-F',
        lab.sshConfig,
        'db1',
        'head',
        '-c',
        '150000',
        '/dev/zero',
      ]);
      return performance.now() - started;
    };
    const end = await lab.faults.slowLink('db1', 500);
    t.ok((await transfer()) > 1500);
    await end();
    t.ok((await transfer()) < 1500);
  });

  await t.test('without VRRP both keepalived take the VIP, with it one does', async (t) => {
    for (const [name, priority] of [
      ['db1', 150],
      ['db2', 100],
    ] as const) {
      await lab
        .host(name)
        .exec(['tee', '/etc/keepalived/keepalived.conf'], { input: keepalivedConf(lab, priority) });
      await lab.host(name).exec(['systemctl', 'start', 'keepalived']);
    }
    const holders = async (): Promise<string> => (await vipHolders(lab)).join(' ');
    await until(async () => (await holders()) === 'db1');
    await lab.faults.dropVrrp('db1');
    await until(async () => (await holders()) === 'db1 db2');
    await lab.heal();
    await until(async () => (await holders()) === 'db1');
    const end = await lab.faults.stopProcess('db1', 'keepalived');
    await until(async () => (await holders()) === 'db1 db2');
    await end();
    await until(async () => (await holders()) === 'db1');
    t.pass('the VIP followed');
  });

  await t.test('a frozen host keeps its address and does nothing', async (t) => {
    await lab.faults.freeze('db1');
    t.ok(await reaches(lab.operatorArgv, lab.host('db1').address));
    t.equal(await answersSsh(lab, 'db1'), false);
    await lab.heal();
    t.ok(await answersSsh(lab, 'db1'));
  });

  await t.test('a killed process is gone, systemd knows', async (t) => {
    const db1 = lab.host('db1');
    await db1.exec(['systemctl', 'start', 'mariadb']);
    const pid = await db1.pidOf('mariadb');
    await lab.faults.killProcess('db1', pid);
    await until(async () => (await db1.pidOf('mariadb').catch(() => pid)) !== pid);
    t.pass('restarted with another pid');
  });

  await lab.close();
  t.same(tracesOf(lab.prefix), []);
});

test('a disk of its own can be full, hang, and lose what was not synced', { skip, timeout }, async (t) => {
  await using lab = await startLab({ hosts: ['db1'], disk: { loopMb: 200 }, log: (line) => t.comment(line) });
  const db1 = lab.host('db1');
  const write = async (): Promise<number> =>
    (
      await db1.exec(['dd', 'if=/dev/zero', 'of=/var/probe', 'bs=64k', 'count=1'], {
        check: false,
        timeoutMs: 1000,
      })
    ).code;

  const end = await lab.faults.fillDisk('db1');
  t.equal(await write(), 1, 'full');
  await end();
  t.equal(await write(), 0, 'free again');

  await lab.faults.hangDisk('db1');
  t.equal(await write(), 124, 'the writer hangs');
  await lab.heal();
  t.equal(await write(), 0, 'and goes on');

  await db1.exec(['sh', '-c', 'echo 1 >/var/synced; sync /var/synced; echo 2 >/var/lost']);
  await db1.powerLoss({ loseUnsynced: true });
  await db1.boot();
  t.equal(
    (await db1.exec(['sh', '-c', 'cd /var; ls synced lost 2>/dev/null'], { check: false })).stdout,
    'synced\n',
  );

  await lab.faults.hangDisk('db1');
  await lab.close();
  t.same(tracesOf(lab.prefix), []);
});

test('a run ends with its owner', { skip, timeout }, async (t) => {
  const killed = await ownedByChild();
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  t.not(tracesOf(killed.prefix).length, 0, 'a killed owner cannot clean up');
  t.ok((await removeLeftovers(() => {})).includes(killed.prefix), 'the next start does');
  t.same(tracesOf(killed.prefix), []);

  const ended = await ownedByChild();
  ended.child.kill('SIGTERM');
  await once(ended.child, 'exit');
  t.equal(ended.child.signalCode, 'SIGTERM');
  t.same(tracesOf(ended.prefix), []);

  const stop = new AbortController();
  await t.rejects(startLab({ prefix: 'hpabort', signal: stop.signal, log: () => stop.abort() }));
  t.same(tracesOf('hpabort'), []);
});

/** A process of its own that starts a lab and then waits. */
async function ownedByChild(): Promise<{ child: ReturnType<typeof spawn>; prefix: string }> {
  const library = fileURLToPath(new URL('../lab/lab.ts', import.meta.url));
  const script = `const { startLab } = await import(${JSON.stringify(library)});
    const lab = await startLab({ hosts: ['db1'] });
    process.stdout.write(lab.prefix);
    setInterval(() => {}, 1000);`;
  const argv = ['--input-type=module', '--eval', script];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [prefix] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, prefix: prefix.toString() };
}

function reachability(lab: Lab): Promise<boolean[]> {
  const [db1, db2] = [lab.host('db1'), lab.host('db2')];
  return Promise.all([
    reaches(lab.operatorArgv, db1.address),
    reaches(lab.operatorArgv, db2.address),
    reaches(lab.clientArgv, db1.address),
    reaches(db1, db2.address),
    reaches(db2, db1.address),
  ]);
}

/** Whether a datagram sent by one host arrives at the other: nft in the receiver counts it. */
async function heardFrom(lab: Lab, from: string, to: string): Promise<boolean> {
  const [sender, receiver] = [lab.host(from), lab.host(to)];
  const lines = [
    'add table ip probe',
    'delete table ip probe',
    'add table ip probe',
    'add chain ip probe in { type filter hook input priority 0; }',
    'add rule ip probe in udp dport 9 counter',
  ];
  await receiver.exec(['nft', '-f', '-'], { input: `${lines.join('\n')}\n` });
  await sender.exec(['bash', '-c', `echo probe >/dev/udp/${receiver.address}/9`]);
  await sleep(100);
  return / packets [1-9]/.test((await receiver.exec(['nft', 'list', 'table', 'ip', 'probe'])).stdout);
}

async function vipHolders(lab: Lab): Promise<string[]> {
  const names = [...lab.hosts.keys()];
  const lists = await Promise.all(
    names.map((name) => lab.host(name).exec(['ip', '-o', 'address', 'show', 'eth0'])),
  );
  return names.filter((_, index) => lists[index]?.stdout.includes(lab.vip));
}

function keepalivedConf(lab: Lab, priority: number): string {
  return `global_defs {\n vrrp_version 3\n}\nvrrp_instance lab {\n state BACKUP\n interface eth0\n virtual_router_id 51
 priority ${priority}\n advert_int 0.1\n virtual_ipaddress {\n  ${lab.vip}/24\n }\n}\n`;
}

async function until(holds: () => Promise<boolean>, timeoutMs = 20_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not so after ${timeoutMs} ms: ${holds}`);
    await sleep(50);
  }
}
