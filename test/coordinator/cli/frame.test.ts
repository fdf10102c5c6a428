/** The frame of the command line, as a shell sees it: exit codes, streams, json, terminal, signals. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { ERROR_CODES } from '../../../shared/errors/codes.ts';
import { HOTPAIR_VERSION } from '../../../shared/protocol/version.ts';
import { runCli, runCliOnTerminal } from '../../support/run-cli.ts';

const PROBE = fileURLToPath(new URL('../../support/frame-probe.ts', import.meta.url));
const probe = { main: PROBE, cwd: '/' };
const PAIR = (name: string, net: number): string =>
  `  ${name}: { vip: 10.${net}.0.10/24, hosts: { ${name}1: { address: 10.${net}.0.11, interface: e }, ${name}2: { address: 10.${net}.0.12, interface: e } } }\n`;

test('version and help end with 0', async (t) => {
  const version = await runCli(['--version'], { cwd: '/' });
  t.match(version, { code: 0, stdout: `${HOTPAIR_VERSION}\n`, stderr: '' });
  const help = await runCli(['--help'], { cwd: '/' });
  t.match(help, { code: 0, stdout: /Usage: coordinator/, stderr: '' });
  t.match(await runCli(['check', '--help'], { cwd: '/' }), { code: 0, stdout: /Examples:/ });
});

test('a wrong command line ends with 2 and says what is wrong on standard error', async (t) => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /No command was given/],
    [['inti'], /unknown command 'inti'.*init/s],
    [['check', '--colour'], /unknown option '--colour'/],
    [['--config'], /argument missing/],
    [['init', '--file'], /argument missing/],
  ];
  const runs = cases.map(async ([args, words]) => {
    const { code, stdout, stderr } = await runCli(args, { cwd: '/' });
    t.match({ code, stdout }, { code: 2, stdout: '' }, args.join(' '));
    t.match(stderr, /error: .*\n {2}what to do: .*\n {2}code: USAGE\n$/s);
    t.match(stderr, words);
  });
  await Promise.all(runs);
  const { code, stdout, stderr } = await runCli(['--json', 'nonsense'], { cwd: '/' });
  t.match({ code, stderr }, { code: 2, stderr: '' });
  t.match(JSON.parse(stdout), { error: { code: 'USAGE', remedy: ERROR_CODES.USAGE.remedy } });
});

test('errors end with the exit code of their kind, their words and the remedy', async (t) => {
  const codes = {
    REFUSED: 3,
    PAIR_BUSY: 3,
    PAIR_UNHEALTHY: 3,
    PREFLIGHT_FAILED: 3,
    CONFIG_INVALID: 2,
    VERIFY_FAILED: 1,
  };
  const runs = Object.entries(codes).map(async ([name, expected]) => {
    const { code, stdout, stderr } = await runCli(['fail', name], probe);
    t.equal(code, expected, name);
    t.equal(stdout, '');
    t.match(stderr, `error: It went wrong.\n  what to do: `);
    t.match(stderr, `code: ${name}`);
    t.notMatch(stderr, / at /, 'no stack trace');
  });
  await Promise.all(runs);
});

test('in json mode an error joins the one document on stdout', async (t) => {
  const { code, stdout, stderr } = await runCli(['fail', 'PAIR_BUSY', '--json'], probe);
  t.equal(code, 3);
  t.equal(stderr, '');
  t.strictSame(JSON.parse(stdout), {
    checked: 3,
    error: {
      code: 'PAIR_BUSY',
      message: 'It went wrong.',
      remedy: ERROR_CODES.PAIR_BUSY.remedy,
      data: { host: 'db1' },
    },
  });
});

test('an unforeseen fault is INTERNAL; the stack and the cause show only with HOTPAIR_LOG_LEVEL=debug', async (t) => {
  const quiet = await runCli(['fail', 'x'], probe);
  t.match(quiet, { code: 1, stderr: /error: an unforeseen fault\n.*code: INTERNAL\n$/s });
  const loud = await runCli(['fail', 'REFUSED'], { ...probe, env: { HOTPAIR_LOG_LEVEL: 'debug' } });
  t.match(loud.stderr, /frame-probe\.ts:\d+.*caused by Error: the root of it/s);
});

test('pipes get no escape codes, nor does a host get to send any', async (t) => {
  const { stdout, stderr } = await runCli(['say'], probe);
  t.equal(
    stdout,
    'green and ]0;titlewords of a server\nHOST       ROLE\ndb1        primary\ndatabase2  standby\n'.replace(
      'server\n',
      'server[2J\n',
    ),
  );
  t.equal(stderr, 'a warning\n');
  const forced = await runCli(['say'], { ...probe, env: { FORCE_COLOR: '1', TERM: 'xterm' } });
  t.equal(forced.stdout, stdout);
});

test('json mode prints one document and nothing else on stdout', async (t) => {
  const { stdout, stderr } = await runCli(['say', '--json'], probe);
  t.equal(stdout, '{"said":true}\n');
  t.equal(stderr, 'a warning\n');
  t.equal(
    (await runCli(['--json', 'work'], probe)).stdout,
    '{"changed":9}\n',
    'the flag goes before the command too',
  );
  t.equal(
    (await runCli(['follow', '--json'], probe)).stdout,
    '{"number":0}\n{"number":1}\n{"number":2}\n{"number":3}\n',
  );
});

test('progress in a pipe: one line at the start and the end of each task', async (t) => {
  const { stdout } = await runCli(['work'], probe);
  t.strictSame(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replaceAll(/\d+\.\d s/g, 'N s').trim()),
    [
      'N s  start    db1',
      'N s  start    db1 > Packages',
      'a line meanwhile',
      'N s  changed  db1 > Packages (N s): 9 installed',
      'N s  start    db1 > Server',
      'N s  failed   db1 > Server (N s): it did not start',
      'N s  start    db1 > Rest',
      'N s  skipped  db1 > Rest (N s)',
    ],
  );
});

test('progress on a terminal: live, then the whole tree stays', async (t) => {
  const { code, stdout } = await runCliOnTerminal(['work'], probe);
  t.equal(code, 0);
  t.match(stdout, /\p{Cc}\[\?25l.*\p{Cc}\[\?25h/su, 'the cursor is hidden and comes back');
  t.match(stdout, /Packages.*0\.\d s, 4 of 9/);
  t.match(stdout, /a line meanwhile\r\n/);
  const end = stdout
    .slice(stdout.lastIndexOf('\u001b[J'))
    .replaceAll(/(?!\n)\p{Cc}(\[[0-9;?]*[a-zA-Z])?/gu, '');
  t.match(
    end,
    /^✖ db1 {2}\d\.\d s\n {2}✚ Packages {2}changed, 9 installed, \d\.\d s\n {2}✖ Server {2}it did not start, \d\.\d s\n {2}– Rest {2}skipped, \d\.\d s\n/,
  );
});

test('colours on a terminal, none on a dumb one', async (t) => {
  t.match((await runCliOnTerminal(['say'], probe)).stdout, '\u001b[32mgreen\u001b[39m and ');
  t.notMatch((await runCliOnTerminal(['say'], { ...probe, env: { TERM: 'dumb' } })).stdout, '\u001b');
});

test('a question needs a terminal or --yes', async (t) => {
  t.match(await runCli(['ask'], probe), { code: 3, stdout: '', stderr: /Stop the server\? .*--yes/ });
  t.match(await runCli(['ask', '--yes'], probe), { code: 0, stdout: 'stopped\n' });
  t.match(await runCliOnTerminal(['ask'], { ...probe, input: 'y\n' }), {
    code: 0,
    stdout: /\[y\/N\].*stopped/s,
  });
  t.match(await runCliOnTerminal(['ask'], { ...probe, input: 'n\n' }), {
    code: 3,
    stdout: /The answer was no/,
  });
});

test('the first signal asks the command to stop, the second ends it', async (t) => {
  for (const [command, signals, code] of [
    ['wait', 1, 1],
    ['stubborn', 2, 130],
  ] as const) {
    const child = spawn(execPath, [PROBE, command], { stdio: ['ignore', 'pipe', 'pipe'] });
    await once(child.stdout, 'data');
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    for (let sent = 0; sent < signals; sent++) {
      const heard = once(child.stderr, 'data');
      child.kill('SIGINT');
      if (sent === 0) await heard;
    }
    const [exit] = await once(child, 'close');
    t.equal(exit, code, `${command}: ${stderr}`);
    if (code === 1) t.match(stderr, /Interrupted by SIGINT.*CANCELLED/s);
  }
});

test('a reader that goes away ends a command quietly', async (t) => {
  const child = spawn(execPath, [PROBE, 'follow'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [exit] = await once(child, 'close');
  t.equal(exit, 0);
  t.equal(stderr, '');
});

test('the file: --config, else hotpair.yaml here; a pair by name, or the only one', async (t) => {
  const cwd = t.testdir();
  await writeFile(join(cwd, 'hotpair.yaml'), `pairs:\n${PAIR('one', 1)}`);
  await writeFile(join(cwd, 'two.yaml'), `pairs:\n${PAIR('one', 1)}${PAIR('two', 2)}`);
  const here = { main: PROBE, cwd };
  t.equal((await runCli(['pair', '--json'], here)).stdout, '"one"\n');
  t.equal((await runCli(['pair', 'two', '--json', '--config', 'two.yaml'], here)).stdout, '"two"\n');
  t.match(await runCli(['pair', '-c', 'two.yaml'], here), {
    code: 2,
    stderr: /several pairs; name one of: one, two/,
  });
  t.match(await runCli(['pair', 'x', '-c', 'two.yaml'], here), {
    code: 2,
    stderr: /no pair x; the pairs are: one, two/,
  });
  t.match(await runCli(['pair', '-c', 'no.yaml'], here), { code: 2, stderr: /There is no file .*no\.yaml/ });
});
