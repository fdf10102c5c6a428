/** The picture of the progress tree, columns of tables, and what may reach a terminal. */

import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { test } from 'tap';
import { alignColumns, createOutput, printable } from '../../../coordinator/cli/output.ts';
import {
  createTree,
  type ProgressNode,
  renderTree,
  type TaskOutcome,
} from '../../../coordinator/cli/progress-tree.ts';

const same = (text: string): string => text;
const style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };
const WIDE = { columns: 80, rows: null, style };

function sink() {
  const written: string[] = [];
  return { written, stream: { write: (text: string) => written.push(text) } };
}

function end(node: ProgressNode, outcome: TaskOutcome, at: number, message = ''): void {
  Object.assign(node, { outcome, endedAt: at, message });
}

test('groups, running tasks and outcomes', async (t) => {
  const tree = createTree();
  tree.add('db1', 'db1', undefined, 0);
  const packages = tree.add('p', 'Packages', 'db1', 0);
  tree.add('db2', 'db2', undefined, 0);
  const server = tree.add('s', 'Server', 'db2', 500);
  const rows = tree.add('r', 'Rows', 'db2', 500);
  end(packages, 'changed', 1500, '9 installed');
  server.message = 'waiting for the socket';
  t.strictSame(renderTree(tree.nodes, 2000, WIDE), [
    '✚ db1  changed, 1.5 s',
    '  ✚ Packages  changed, 9 installed, 1.5 s',
    '⠋ db2  2.0 s',
    '  ⠋ Server  1.5 s, waiting for the socket',
    '  ⠋ Rows  1.5 s',
  ]);
  end(server, 'failed', 2500, 'it did not start.');
  end(rows, 'skipped', 2500);
  t.strictSame(renderTree(tree.nodes, 9000, WIDE).slice(2), [
    '✖ db2  2.5 s',
    '  ✖ Server  it did not start, 2.0 s',
    '  – Rows  skipped, 2.0 s',
  ]);
});

test('a group that was ended itself keeps that outcome; unknown parents count as none', async (t) => {
  const tree = createTree();
  const group = tree.add('g', 'Group', undefined, 0);
  end(tree.add('a', 'A', 'g', 0), 'ok', 10);
  end(group, 'failed', 20, 'interrupted');
  tree.add('b', 'B', 'nowhere', 0);
  t.strictSame(renderTree(tree.nodes, 100, WIDE), [
    '✖ Group  interrupted, 0.0 s',
    '  ✔ A  0.0 s',
    '⠙ B  0.1 s',
  ]);
});

test('a tree that is too high keeps what runs and what failed', async (t) => {
  const tree = createTree();
  for (let index = 0; index < 30; index++) {
    const node = tree.add(`t${index}`, `Task ${index}`, undefined, 0);
    if (index !== 7 && index !== 3) end(node, 'ok', index);
    if (index === 3) end(node, 'failed', index);
  }
  const lines = renderTree(tree.nodes, 1000, { columns: 80, rows: 10, style });
  t.equal(lines.length, 8);
  t.match(lines[0], 'Task 3 ');
  t.match(lines[1], 'Task 7 ');
  t.match(lines.at(-1), 'Task 29 ');
  t.equal(renderTree(tree.nodes, 1000, WIDE).length, 30);
});

test('no line is wider than the screen, whatever is in it', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.integer({ min: 1, max: 60 }),
      (title, message, columns) => {
        const tree = createTree();
        tree.add('a', title, undefined, 0).message = message;
        tree.add('b', message, 'a', 0).message = title;
        return renderTree(tree.nodes, 5, { columns, rows: 24, style }).every(
          (line) => [...line].length < Math.max(columns, 6) && !/\p{Cc}/u.test(line),
        );
      },
    ),
  );
});

test('tables: columns as wide as their widest cell, colours do not count', async (t) => {
  t.strictSame(alignColumns([['A', 'LONG HEAD', 'C'], ['\u001b[32mgreen\u001b[39m', 'x', ''], ['1']]), [
    'A      LONG HEAD  C',
    '\u001b[32mgreen\u001b[39m  x',
    '1',
  ]);
  t.strictSame(alignColumns([]), []);
});

test('control characters of others never reach the terminal', async (t) => {
  t.equal(
    printable('a\u001b]0;t\u0007b\u001b[2Jc\r\u0008d\u009b1me\tf\ng\u001b[1mh'),
    'a]0;tb[2Jcd1me\tf\ng\u001b[1mh',
  );
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => !/(?![\n\t])\p{Cc}/u.test(stripVTControlCharacters(printable(text))),
    ),
  );
});

test('json mode: result and error make one document, streams stay apart', async (t) => {
  const [stdout, stderr] = [sink(), sink()];
  const output = createOutput({ mode: 'json', stdout: stdout.stream, stderr: stderr.stream });
  output.line('for people');
  output.table([['for', 'people']]);
  const task = output.progress().task('a', 'A');
  task.update('x');
  task.done('ok');
  output.warn('careful');
  output.result([1, 2]);
  output.finish({ code: 'REFUSED' });
  t.strictSame(stdout.written, ['{"result":[1,2],"error":{"code":"REFUSED"}}\n']);
  t.strictSame(stderr.written, ['careful\n']);
});

test('a terminal gets long lines broken between words, a pipe as they are', async (t) => {
  const print = (mode: 'terminal' | 'plain'): string => {
    const screen = sink();
    const output = createOutput({ mode, stdout: { ...screen.stream, columns: 20 }, stderr: screen.stream });
    output.line('  one two three four five six');
    output.line(`${output.style.dim('12:00')}  one two three four`, 7);
    output.table([['name', 'words that go on and on']]);
    output.line('aaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
    return stripVTControlCharacters(screen.written.join(''));
  };
  t.equal(
    print('terminal'),
    `  one two three four
  five six
12:00  one two three
       four
name  words that go
      on and on
aaaaaaaaaaaaaaaaaaaaaaaaaaaaa
`,
  );
  t.equal(print('plain').split('\n').length, 5);
});

test('text and warnings scroll above the live picture', async (t) => {
  const screen = sink();
  const output = createOutput({
    mode: 'terminal',
    stdout: { ...screen.stream, columns: 40, rows: 10 },
    stderr: screen.stream,
  });
  const progress = output.progress();
  const task = progress.task('a', 'A');
  output.line('above');
  output.warn('warned');
  task.done('ok');
  progress.end();
  task.fail('too late');
  const rest = output.progress();
  rest.end();
  output.finish();
  const text = screen.written.join('');
  t.match(text, '\r\u001b[1A\u001b[Jabove\n');
  t.match(text, '\r\u001b[1A\u001b[Jwarned\n');
  t.ok(text.endsWith('\u001b[?25h'), 'the cursor is back');
  t.match(stripVTControlCharacters(text).trimEnd().split('\n').at(-1), /^\r?✔ A {2}0\.0 s$/);
});

test('after its end a display goes on with a new picture, for a question between two phases', async (t) => {
  const screen = sink();
  const output = createOutput({ mode: 'terminal', stdout: screen.stream, stderr: screen.stream });
  const progress = output.progress();
  progress.task('a', 'First').done('ok');
  progress.end();
  progress.end();
  const before = screen.written.length;
  progress.task('b', 'Second', 'a').done('ok');
  progress.end();
  const text = stripVTControlCharacters(screen.written.slice(before).join(''));
  t.match(text, /✔ Second/);
  t.notMatch(text, 'First');
});
