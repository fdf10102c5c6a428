// `coordinator deploy` on real hosts: from bare ones, again, interrupted, and with everything that can be wrong.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import tap, { test } from 'tap';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import { type LabCoordinator, makeLabCoordinator } from '../support/lab-coordinator.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
tap.setTimeout(900_000); // the first run on a machine builds the images
const SQL_FILES = '/var/lib/mysql/';
/** The guards go on deciding meanwhile: that no witness votes yet, for one. */
const OF_THE_GUARD: readonly string[] = [HOST_PATHS.pairRecord, HOST_PATHS.decisions];

interface DeployDocument {
  readonly primary?: string;
  readonly changed?: number;
  readonly verdicts?: readonly { readonly ok: boolean; readonly subject: string; readonly detail: string }[];
  readonly error?: { readonly code: string; readonly message: string; readonly data?: unknown };
}

async function deploy(coordinator: LabCoordinator): Promise<{ code: number; document: DeployDocument }> {
  const { code, document } = await coordinator.json('deploy', '--yes');
  return { code, document: document as DeployDocument };
}

/** Puts lines below `database:` of the one pair. */
async function withDatabase(coordinator: LabCoordinator, lines: readonly string[]): Promise<void> {
  const text = await readFile(coordinator.file, 'utf8');
  const bare = text.replace(/^ {4}database:\n( {6}.*\n)*/m, '');
  const block = lines.length === 0 ? '' : `    database:\n${lines.map((line) => `      ${line}\n`).join('')}`;
  await writeFile(coordinator.file, bare.replace('coordinator:', `${block}coordinator:`));
}

/** Starts a deploy and returns as soon as it says that the step began; throws when it ends before that. */
async function deployUntil(coordinator: LabCoordinator, title: string): Promise<ChildProcess> {
  const [file = '', ...args] = coordinator.argv('deploy', '--yes');
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await waitFor(
    `a deploy to reach ${title}`,
    () => {
      if (said.includes(`start    ${title}`)) return true;
      if (child.exitCode === null) return undefined;
      throw new Error(`The deploy ended before ${title}:\n${said}`);
    },
    { deadlineMs: 90_000, intervalMs: 5 },
  );
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await ended;
}

async function sql(lab: Lab, host: string, statement: string): Promise<string> {
  return (await lab.host(host).exec(['mariadb', '-N', '-e', statement])).stdout.trim();
}

/** Regular files of the host that changed since `marker` was touched, but for records of reading: journals and logs. */
async function filesSince(lab: Lab, host: string, marker: string): Promise<string[]> {
  const folders = ['/etc', '/opt', '/usr', '/var', '/root'];
  const found = await lab.host(host).exec(['find', ...folders, '-xdev', '-newer', marker, '-type', 'f']);
  const written = /^\/var\/log\/|^\/var\/lib\/hotpair\/journal|^\/var\/lib\/systemd\/|\.log$/;
  return found.stdout.split('\n').filter((path) => path !== '' && !written.test(path));
}

/** Statements in the general log that could change something; the guard's own heartbeat is not the deploy's. */
function writesIn(log: string): string[] {
  return log
    .split('\n')
    .map((line) => /\b(?:Query|Execute)\t(.*)$/.exec(line)?.[1]?.trim() ?? '')
    .filter((statement) => statement !== '' && !/hotpair\.heartbeat/.test(statement))
    .filter(
      (statement) =>
        !/^(SELECT|SHOW|SET (SESSION|NAMES|STATEMENT|@@SESSION|max_)|START TRANSACTION READ ONLY|ROLLBACK|COMMIT|USE|DO)/i.test(
          statement,
        ),
    );
}

test('bare hosts, interrupted again and again, become a pair; then nothing changes', {
  skip,
  timeout: 400_000,
}, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = makeLabCoordinator(lab);
  await withDatabase(coordinator, ['application: { database: shop, user: shop }']);

  await t.test('a plan before there are agents touches nothing', async (t) => {
    const { code, document } = await coordinator.json('plan');
    t.equal(code, 0);
    t.match(document, { agentsMissing: ['db1', 'db2'] });
    t.equal((await lab.host('db1').exec(['ls', '/opt'])).stdout, '');
  });

  await t.test('the coordinator is killed at one step after the other', async (t) => {
    for (const title of ['Agents', 'Packages', 'Database server', 'Replication both ways', 'Guard']) {
      const child = await deployUntil(coordinator, title);
      if (title === 'Packages') {
        const second = await deploy(coordinator);
        t.equal(second.code, 3, 'a second coordinator is refused');
        t.equal(second.document.error?.code, 'PAIR_BUSY');
        const claims = (await lab.host('db1').exec(['cat', HOST_PATHS.claims])).stdout;
        t.match(
          claims,
          /^\d+ \d+ orders root@\S+ \(coordinator, pid \d+\)\n$/,
          'an installation is told too',
        );
      }
      await kill(child);
      t.pass(`killed at ${title}`);
    }
  });

  await t.test('one clean deploy finishes it', async (t) => {
    const { code, document } = await deploy(coordinator);
    t.equal(code, 0, document.error?.message ?? 'ok');
    t.ok(document.verdicts?.every(({ ok }) => ok));
    t.ok(['db1', 'db2'].includes(document.primary ?? ''));
  });

  await t.test('a second deploy changes nothing, says the pair itself', async (t) => {
    for (const host of ['db1', 'db2']) {
      await sql(
        lab,
        host,
        "SET GLOBAL general_log_file='/var/lib/mysql/general.log'; SET GLOBAL general_log=1",
      );
      await lab.host(host).exec(['touch', '/run/marker']);
    }
    const { code, document } = await deploy(coordinator);
    t.equal(code, 0);
    t.equal(document.changed, 0);
    for (const host of ['db1', 'db2']) {
      await sql(lab, host, 'SET GLOBAL general_log=0');
      const log = (await lab.host(host).exec(['cat', `${SQL_FILES}general.log`])).stdout;
      t.match(log, /SELECT|SHOW/, 'the log was on');
      const writes = writesIn(log).filter((statement) => !/^SET GLOBAL general_log/i.test(statement));
      t.same(writes, [], `${host}: no statement that changes anything`);
      const changed = (await filesSince(lab, host, '/run/marker')).filter(
        (path) => !path.startsWith(SQL_FILES) && !OF_THE_GUARD.includes(path),
      );
      t.same(changed, [], `${host}: no file changed`);
    }
    t.match((await coordinator.json('plan')).document, { changed: 0 });
  });

  await t.test('a coordinator with other keys is refused, and the pair goes on', async (t) => {
    const stranger = makeLabCoordinator(lab, { name: 'stranger' });
    for (const host of ['db1', 'db2']) await lab.host(host).exec(['touch', '/run/marker']);
    const pids = await servicePids(lab);
    for (const command of [
      ['deploy', '--yes'],
      ['agent', 'install'],
    ]) {
      const { code, document } = await stranger.json(...command);
      t.equal(code, 3, command.join(' '));
      t.match(document, {
        error: { code: 'REFUSED', message: /db\d belongs to another coordinator.*--take-over db\d/ },
      });
    }
    for (const host of ['db1', 'db2']) {
      const changed = (await filesSince(lab, host, '/run/marker')).filter(
        (path) => !path.startsWith(SQL_FILES) && !OF_THE_GUARD.includes(path),
      );
      t.same(changed, [], `${host}: no file changed`);
    }
    t.same(await servicePids(lab), pids, 'and no process');
    t.match((await coordinator.json('status')).document, { pairs: [{ healthy: true }] });
  });

  await t.test('verify and status agree', async (t) => {
    const verified = await coordinator.json('verify');
    t.equal(verified.code, 0);
    const { document } = await coordinator.json('status');
    t.match(document, { pairs: [{ healthy: true, primary: /db/ }] });
  });

  await t.test('the application account works through the VIP, and both servers know it', async (t) => {
    const secrets: unknown = JSON.parse(await readFile(`${coordinator.data}/secrets/orders.json`, 'utf8'));
    const { application } = secrets as { application: string };
    const client = `
      import { createConnection } from 'mysql2/promise';
      const c = await createConnection({ host: '10.88.0.10', user: 'shop', password: process.env.PASSWORD, database: 'shop' });
      await c.query('CREATE TABLE item (id INT PRIMARY KEY)');
      await c.query('INSERT INTO item VALUES (7)');
      c.destroy();`;
    const [file = '', ...args] = [...lab.operatorArgv, process.execPath, '--input-type=module', '-e', client];
    const ran = spawn(file, args, { env: { ...process.env, PASSWORD: application }, stdio: 'inherit' });
    t.equal(await new Promise((resolve) => ran.once('exit', resolve)), 0);
    for (const host of ['db1', 'db2'])
      await waitFor(
        `the row on ${host}`,
        async () =>
          (await sql(lab, host, 'SELECT id FROM shop.item').catch(() => '')) === '7' ? true : undefined,
        { deadlineMs: 5000 },
      );
  });

  await t.test(
    'a setting that the server does not know is rejected before anything is swapped',
    async (t) => {
      await withDatabase(coordinator, [
        'settings: { no_such_setting: 1 }',
        'application: { database: shop, user: shop }',
      ]);
      const { code, document } = await deploy(coordinator);
      t.equal(code, 1);
      t.equal(document.error?.code, 'CONFIG_REJECTED');
      t.match(document.error?.message, /no_such_setting|no-such-setting/);
    },
  );

  await t.test(
    'a setting that the server does not start with is put back, on the standby only',
    async (t) => {
      const before = await Promise.all(['db1', 'db2'].map((host) => readConfig(lab, host)));
      const primary = await primaryOf(coordinator);
      await withDatabase(coordinator, [
        'settings: { innodb_page_size: 8k }',
        'application: { database: shop, user: shop }',
      ]);
      const { code, document } = await deploy(coordinator);
      t.equal(code, 1);
      t.equal(document.error?.code, 'SERVER_START_FAILED');
      t.match(document.error?.message, /page.size/i, "the server's own words");
      t.same(await Promise.all(['db1', 'db2'].map((host) => readConfig(lab, host))), before);
      await withDatabase(coordinator, ['application: { database: shop, user: shop }']);
      t.equal((await deploy(coordinator)).code, 0);
      t.equal(await primaryOf(coordinator), primary, 'the primary was left alone');
    },
  );

  await t.test('a good setting goes to both servers, one after the other', async (t) => {
    await withDatabase(coordinator, [
      'settings: { max_connections: 77 }',
      'application: { database: shop, user: shop }',
    ]);
    const { code, document } = await deploy(coordinator);
    t.equal(code, 0, document.error?.message ?? 'ok');
    t.equal(await sql(lab, 'db1', 'SELECT @@max_connections'), '77');
    t.equal(await sql(lab, 'db2', 'SELECT @@max_connections'), '77');
    t.equal((await deploy(coordinator)).document.changed, 0);
  });
});

async function servicePids(lab: Lab): Promise<string[]> {
  const units = ['mariadb', 'keepalived', 'hotpair-agent', 'hotpair-guard'];
  const argv = ['systemctl', 'show', '--property', 'MainPID', '--value', ...units];
  return Promise.all(['db1', 'db2'].map(async (host) => (await lab.host(host).exec(argv)).stdout));
}

async function readConfig(lab: Lab, host: string): Promise<string> {
  return (await lab.host(host).exec(['cat', '/etc/mysql/mariadb.conf.d/99-hotpair.cnf'])).stdout;
}

async function primaryOf(coordinator: LabCoordinator): Promise<string | null> {
  const { document } = await coordinator.json('status');
  return (document as { pairs: { primary: string | null }[] }).pairs[0]?.primary ?? null;
}

test('hosts that are not ready are refused with every reason at once, untouched', {
  skip,
  timeout: 120_000,
}, async (t) => {
  await using lab = await startLab({ image: 'golden', log: (line) => t.comment(line) });
  const coordinator = makeLabCoordinator(lab);
  const text = await readFile(coordinator.file, 'utf8');
  await writeFile(coordinator.file, text.replace(/(db1: .*)interface: eth0/, '$1interface: eth7'));
  await lab.host('db2').exec(['systemctl', 'start', 'mariadb']);
  await sql(lab, 'db2', 'CREATE DATABASE billing');
  await lab.host('db2').exec(['ip', 'address', 'add', '10.88.0.10/32', 'dev', 'lo']);

  const { code, document } = await deploy(coordinator);
  t.equal(code, 3);
  t.equal(document.error?.code, 'PREFLIGHT_FAILED');
  const message = document.error?.message ?? '';
  t.match(message, /db2: its database server holds databases of users \(billing\)/);
  t.match(message, /db1: it has no interface eth7/);
  t.match(message, /answers for the VIP 10\.88\.0\.10/);
  for (const host of ['db1', 'db2']) {
    const dropIns = ['mariadb.service.d', 'keepalived.service.d'].map(
      (name) => `/etc/systemd/system/${name}`,
    );
    t.equal(
      (await lab.host(host).exec(['ls', ...dropIns], { check: false })).stdout,
      '',
      `${host} is untouched`,
    );
  }
  t.equal(await sql(lab, 'db2', "SHOW DATABASES LIKE 'billing'"), 'billing');
});

test('a deploy waits for a foreign package lock', { skip, timeout: 120_000 }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = makeLabCoordinator(lab);
  // struct flock of fcntl(2) on x86-64 and arm64.
  const hold = `use Fcntl; my $lock = pack("s s x4 q q i", F_WRLCK, 0, 0, 0, 0); $| = 1;
    open(my $file, "+>>", "/var/lib/dpkg/lock-frontend") or die; fcntl($file, F_SETLKW, $lock) or die;
    print "$$\\n"; sleep 600`;
  const [file = '', ...args] = lab.host('db1').enterArgv(['perl', '-e', hold]);
  const holder = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = await new Promise<string>((resolve) =>
    holder.stdout.once('data', (text) => resolve(String(text).trim())),
  );
  const child = await deployUntil(coordinator, 'Packages');
  const left = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await waitFor(
    'db2 to have its packages',
    async () =>
      (
        await lab
          .host('db2')
          .exec(['test', '-e', '/etc/mysql/mariadb.conf.d/99-hotpair.cnf'], { check: false })
      ).code === 0
        ? true
        : undefined,
    { deadlineMs: 60_000 },
  );
  t.not(
    (await lab.host('db1').exec(['test', '-e', '/usr/sbin/mariadbd'], { check: false })).code,
    0,
    'db1 waits',
  );
  t.equal(child.exitCode, null);
  await lab.host('db1').exec(['kill', '-KILL', pid]);
  t.equal(await left, 0);
});
