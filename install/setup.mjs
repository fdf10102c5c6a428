/**
 * node install/setup.mjs [--root] -- COMMAND ARGUMENTS…
 *
 * Makes sure that the npm packages of package-lock.json are in node_modules, then runs COMMAND on the Node that is among
 * them. With --root the command is of use to root alone: nobody else gets packages installed for it. Plain JavaScript for Node 18 and newer, because it runs on the machine's own Node, before anything is installed.
 */

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = join(root, 'package-lock.json');
const installedFile = join(root, 'node_modules/.package-lock.json');
const bin = join(root, 'node_modules/.bin');
const bundledNode = join(bin, 'node');
/** Exit codes from it on say that a signal ended the program. */
const FIRST_SIGNAL = 129;

const [first, ...rest] = process.argv.slice(2);
const forRoot = first === '--root';
const [separator, command, ...args] = forRoot ? rest : [first, ...rest];
if (separator !== '--' || command === undefined) {
  console.error('usage: node install/setup.mjs [--root] -- COMMAND ARGUMENTS…');
  process.exit(2);
}
await installPackages();
linkBundledNode();
process.exitCode = await run(programOf(command), args, process.cwd());

async function installPackages() {
  const reason = whyInstall();
  if (reason === undefined) return;
  if (forRoot && process.getuid?.() !== 0) {
    console.error('This needs root on Linux, for it makes namespaces and mounts: nothing was installed.');
    process.exit(1);
  }
  console.error(`Installing the npm packages of package-lock.json: ${reason}.`);
  const argv = ['ci', '--no-fund', '--no-audit', '--loglevel=error'];
  const code = await run('npm', argv, root, 'to-stderr', npmEnvironment());
  if (code === 0) return;
  console.error(
    code >= FIRST_SIGNAL
      ? '\nEnded while npm installed; running this again begins anew.'
      : 'npm ci failed; its own words are above. Check the network and the disk, then run this again.',
  );
  process.exit(code);
}

/** See as-bundled-node.cjs. */
function npmEnvironment() {
  if (Number.parseInt(process.versions.node, 10) >= 22) return {};
  const options = `${process.env.NODE_OPTIONS ?? ''} --require "${join(root, 'install/as-bundled-node.cjs')}"`;
  return { NODE_OPTIONS: options.trim() };
}

/**
 * npm 9 (Debian 12's own) loses node_modules/.bin/node: two optional packages, one per architecture, bring that name,
 * and it removes the link together with the package that is for another architecture.
 */
function linkBundledNode() {
  const architecture = { x64: 'x64', arm64: 'arm64' }[process.arch];
  if (process.platform !== 'linux' || architecture === undefined || existsSync(bundledNode)) return;
  const target = `../node-linux-${architecture}/bin/node`;
  if (!existsSync(join(bin, target))) return;
  rmSync(bundledNode, { force: true });
  symlinkSync(target, bundledNode);
}

/** undefined when node_modules is what the lock file says. npm writes node_modules/.package-lock.json at its end. */
function whyInstall() {
  if (!existsSync(installedFile)) return 'they are not installed yet';
  if (statSync(installedFile).mtimeMs >= statSync(lockFile).mtimeMs) return undefined;
  if (!sameAsLock()) return 'the lock file has changed';
  // The lock file was only written again with the same content.
  const now = new Date();
  utimesSync(installedFile, now, now);
  return undefined;
}

/** Whether every package of the lock is installed in its version; optional ones may be for another machine. */
function sameAsLock() {
  const wanted = packagesOf(lockFile);
  const installed = packagesOf(installedFile);
  if (Object.keys(installed).some((path) => wanted[path] === undefined)) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function packagesOf(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
}

/** The Node among the packages where there is one for this machine; else the machine's own, where it is new enough. */
function programOf(name) {
  const asksForNode = name === 'node' || join(process.cwd(), name) === bundledNode || name === bundledNode;
  if (!asksForNode) return name;
  if (existsSync(bundledNode)) return bundledNode;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  console.error(
    `No Node among the npm packages runs on ${process.platform} ${process.arch}, and this machine's own is ${process.versions.node}: install Node 24.`,
  );
  process.exit(1);
}

/** Runs a program to its end; answers the exit code, 128 + signal where a signal ended it. */
function run(program, argv, cwd, output, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, argv, {
      stdio: ['inherit', output === 'to-stderr' ? process.stderr : 'inherit', 'inherit'],
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    });
    const stopForwarding = forwardSignals(child);
    child.on('error', (error) => {
      console.error(`${program} could not be started: ${error.message}`);
      stopForwarding();
      resolve(error.code === 'ENOENT' ? 127 : 126);
    });
    child.on('exit', (code, signal) => {
      stopForwarding();
      resolve(code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0));
    });
  });
}

/**
 * Passes signals on to the child and waits for it instead of ending. Ctrl-C on a terminal reaches the child by itself;
 * passing it on as well would make two of it, which many programs take for "end at once".
 */
function forwardSignals(child) {
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'].map((signal) => {
    const fromTerminal = (signal === 'SIGINT' || signal === 'SIGQUIT') && process.stdin.isTTY;
    const handler = () => void (fromTerminal || child.kill(signal));
    process.on(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}
