// The manual pages: complete, and as troff takes them without a warning.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { COMMANDS } from '../../../coordinator/cli/commands.ts';
import { createProgram } from '../../../coordinator/cli/frame.ts';
import { allCommands, manPage, pageName } from '../../../coordinator/cli/man-page.ts';
import { runCommand } from '../../../shared/runtime/run-command.ts';
import { runCli } from '../../support/run-cli.ts';

const skip = existsSync('/usr/bin/groff') ? false : 'groff is not installed';
const program = createProgram(COMMANDS, () => {
  throw new TypeError('the manual runs no command');
});
const TERMINAL = ['groff', '-man', '-K', 'utf8', '-T', 'utf8', '-P', '-c', '-P', '-b', '-P', '-u', '-ww'];

test('every command has a page, shown without a warning, with all its options', { skip }, async (t) => {
  for (const command of allCommands(program)) {
    const name = pageName(command);
    const options = { timeoutMs: 30_000, input: manPage(command) };
    const { stdout, stderr } = await runCommand([...TERMINAL, '-r', 'LL=400n'], options);
    t.equal(stderr, '', name);
    t.match(stdout, name.toUpperCase());
    for (const { flags } of command.options)
      t.ok(stdout.includes(flags.replaceAll(/[<>[\]]/g, '')), `${name} ${flags}`);
    t.ok(stdout.includes('EXIT STATUS') && stdout.includes('SEE ALSO'), name);
  }
});

test('a line that begins like a request is text, and a dash is one that can be typed', {
  skip,
}, async (t) => {
  const odd = program.createCommand('odd').description(".de\n'so \\fI C:\\odd --yes");
  const page = manPage(odd);
  const { stdout, stderr } = await runCommand([...TERMINAL], { timeoutMs: 30_000, input: page });
  t.equal(stderr, '');
  t.match(stdout, /\.de 'so \\fI C:\\odd --yes/);
});

test('one page is printed, or all are written into a folder', async (t) => {
  const cwd = t.testdir();
  const one = await runCli(['man', 'token', 'create'], { cwd });
  t.match(one, { code: 0, stdout: /^\.TH COORDINATOR-TOKEN-CREATE 1 / });
  t.match(await runCli(['man', 'nonsense'], { cwd }), { code: 2, stderr: /no command nonsense/ });
  const all = await runCli(['--json', 'man', '--folder', 'share'], { cwd });
  const files = await readdir(join(cwd, 'share', 'man1'));
  t.strictSame(
    files.sort(),
    allCommands(program)
      .map((command) => `${pageName(command)}.1`)
      .sort(),
  );
  t.equal(JSON.parse(all.stdout).files.length, files.length);
});
