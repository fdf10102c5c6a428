import { test } from 'tap';
import { AppError } from '../../../shared/errors/app-error.ts';
import { runCommand } from '../../../shared/runtime/run-command.ts';

const node = process.execPath;

test('a program that succeeds answers its output, split by stream', async (t) => {
  const result = await runCommand([node, '-e', 'console.log("out"); console.error("err")'], {
    timeoutMs: 10_000,
  });
  t.match(result, { code: 0, signal: null, stdout: 'out\n', stderr: 'err\n', timedOut: false });
});

test('arguments reach the program as they are; no shell reads them', async (t) => {
  const argument = '$(id) `id` ; | & > "x" \'y\'';
  const result = await runCommand([node, '-e', 'process.stdout.write(process.argv[1])', argument], {
    timeoutMs: 10_000,
  });
  t.equal(result.stdout, argument);
});

test('a failure is an error with the exit code and the words of the program', async (t) => {
  const failing = runCommand([node, '-e', 'console.error("no such thing"); process.exit(7)'], {
    timeoutMs: 10_000,
  });
  await t.rejects(failing, { code: 'COMMAND_FAILED', message: /exit code 7: no such thing/ });
  const unchecked = await runCommand([node, '-e', 'process.exit(7)'], { timeoutMs: 10_000, check: false });
  t.equal(unchecked.code, 7);
});

test('a program that does not exist is a failure that names it', async (t) => {
  await t.rejects(runCommand(['/nonexistent/program'], { timeoutMs: 1000 }), {
    code: 'COMMAND_FAILED',
    message: /\/nonexistent\/program.*ENOENT/,
  });
});

test('a program that does not end is ended at the deadline', async (t) => {
  const hanging = runCommand([node, '-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 300 });
  await t.rejects(hanging, { code: 'DEADLINE_EXCEEDED' });
});

test('a cancelled call ends the program', async (t) => {
  const controller = new AbortController();
  const hanging = runCommand([node, '-e', 'console.log("up"); setInterval(() => {}, 1000)'], {
    timeoutMs: 20_000,
    signal: controller.signal,
    onLine: () => controller.abort(),
  });
  await t.rejects(hanging, { code: 'CANCELLED' });
});

test('lines come one by one, also the last one without a line feed, and input is read', async (t) => {
  const lines: string[] = [];
  await runCommand([node, '-e', 'process.stdin.pipe(process.stdout)'], {
    timeoutMs: 10_000,
    input: 'first\nsecond\nlast',
    onLine: (line) => lines.push(line),
  });
  t.strictSame(lines, ['first', 'second', 'last']);
});

test('an error that is not ours becomes a coded one', async (t) => {
  const error = await runCommand([], { timeoutMs: 1 }).catch((thrown: unknown) => thrown);
  t.ok(error instanceof AppError);
  t.match(error, { code: 'INTERNAL' });
});
