// The completion scripts in the shells themselves. zsh and fish are tried where they are installed.
import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { COMMANDS } from '../../../coordinator/cli/commands.ts';
import { bashScript } from '../../../coordinator/cli/completion/bash.ts';
import { shellCases } from '../../../coordinator/cli/completion/cases.ts';
import { fishScript } from '../../../coordinator/cli/completion/fish.ts';
import { completionTable } from '../../../coordinator/cli/completion/table.ts';
import { zshScript } from '../../../coordinator/cli/completion/zsh.ts';
import { createProgram } from '../../../coordinator/cli/frame.ts';
import { runCommand } from '../../../shared/runtime/run-command.ts';
import { runCli } from '../../support/run-cli.ts';

const MAIN = fileURLToPath(new URL('../../../coordinator/main.ts', import.meta.url));
const PAIRS = `pairs:
  orders: { vip: 10.88.0.10/24, hosts: { db1: { address: 10.88.0.11, interface: e }, db2: { address: 10.88.0.12, interface: e } } }
`;
const program = createProgram(COMMANDS, () => {
  throw new TypeError('completion runs no command');
});
const cases = shellCases(completionTable(program));
const without = (shell: string): string | false =>
  existsSync(`/usr/bin/${shell}`) || existsSync(`/bin/${shell}`) ? false : `${shell} is not installed`;

/** What is typed, the cursor at its end, and what is offered there. */
const TYPED: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['re'], ['rejoin', 'report', 'reseed']],
  [
    ['token', ''],
    ['create', 'list', 'revoke'],
  ],
  [
    ['token', 'create', '--role', ''],
    ['admin', 'operator', 'viewer'],
  ],
  [
    ['maintenance', 'o'],
    ['off', 'on'],
  ],
  [
    ['maintenance', 'on', ''],
    ['db1', 'db2'],
  ],
  [
    ['agent', 'install', 'db1', ''],
    ['db1', 'db2'],
  ],
  [['status', ''], ['orders']],
  [['status', '--watch', 'or'], ['orders']],
  [['events', '--pair', ''], ['orders']],
  [
    ['logs', ''],
    ['db1', 'db2', 'orders'],
  ],
  [
    ['init', '--f'],
    ['--file', '--force'],
  ],
  [['status', '--j'], ['--json']],
  [['report', '--period', ''], []],
];

/** A folder with the file of a pair, `script`, and a `coordinator` that the shell finds. */
async function folderOf(t: Test, script: string) {
  const folder = t.testdir({ 'hotpair.yaml': PAIRS, script });
  const shim = join(folder, 'coordinator');
  await writeFile(shim, `#!/bin/sh\nunset NODE_OPTIONS\nexec '${execPath}' '${MAIN}' "$@"\n`);
  await chmod(shim, 0o755);
  const env = { PATH: `${folder}${delimiter}${process.env['PATH']}`, HOME: folder };
  return { folder, env };
}

const linesOf = (stdout: string): string[] => stdout.split('\n').filter((line) => line !== '');

test('bash offers what the definitions say', { skip: without('bash') }, async (t) => {
  const { folder, env } = await folderOf(t, bashScript(cases));
  const driver = join(folder, 'driver');
  await writeFile(
    driver,
    `source ./script\nCOMP_WORDS=(coordinator "$@")\nCOMP_CWORD=$#\n_coordinator coordinator\nprintf "%s\\n" "\${COMPREPLY[@]}"\n`,
  );
  const offered = async (words: readonly string[]): Promise<string[]> => {
    const argv = ['bash', driver, ...words];
    const { stdout, stderr } = await runCommand(argv, { timeoutMs: 30_000, cwd: folder, env });
    t.equal(stderr, '', words.join(' '));
    return linesOf(stdout).sort();
  };
  for (const [typed, expected] of TYPED) t.strictSame(await offered(typed), expected, typed.join(' '));
  t.strictSame(await offered(['-c', 'hotp']), ['hotpair.yaml'], 'files');
  t.strictSame(await offered(['token', 'create', '--role', '=', 'op']), ['operator'], '--role=op');
  await writeFile(join(folder, 'other.yaml'), PAIRS.replaceAll('db', 'node'));
  t.strictSame(await offered(['--config', 'other.yaml', 'rejoin', '']), ['node1', 'node2'], 'of that file');
});

test('fish offers the same, with what it means', { skip: without('fish') }, async (t) => {
  const { folder, env } = await folderOf(t, fishScript(cases));
  const driver = join(folder, 'driver');
  await writeFile(driver, 'source ./script\ncomplete -C "$argv[1]"\n');
  for (const [typed, expected] of TYPED) {
    const argv = ['fish', driver, ['coordinator', ...typed].join(' ')];
    const { stdout } = await runCommand(argv, { timeoutMs: 30_000, cwd: folder, env });
    const words = linesOf(stdout).map((line) => line.split('\t')[0]);
    t.strictSame(words.sort(), expected, typed.join(' '));
  }
});

test('zsh understands its script', { skip: without('zsh') }, async (t) => {
  const { folder, env } = await folderOf(t, zshScript(cases));
  const { stderr } = await runCommand(['zsh', '-n', 'script'], { timeoutMs: 30_000, cwd: folder, env });
  t.equal(stderr, '');
});

test('every command and option is in every script', async (t) => {
  const scripts = { bash: bashScript(cases), zsh: zshScript(cases), fish: fishScript(cases) };
  for (const [shell, script] of Object.entries(scripts))
    for (const { command, options } of cases.commands) {
      t.ok(script.includes(`'${command}'`), `${shell}: ${command}`);
      for (const { word } of options) t.ok(script.includes(word), `${shell}: ${command} ${word}`);
    }
});

test('the command prints the script, and names for it', async (t) => {
  const cwd = t.testdir({ 'hotpair.yaml': PAIRS });
  t.match(await runCli(['completion', 'bash'], { cwd }), { code: 0, stdout: bashScript(cases) });
  t.match(await runCli(['completion', 'hosts'], { cwd }), { code: 0, stdout: 'db1\ndb2\n' });
  t.match(await runCli(['completion', 'csh'], { cwd }), { code: 2, stderr: /bash, zsh, fish/ });
});
