// The live screen: what it shows in how much room, and what it leaves on the terminal.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'tap';
import { viewPair } from '../../../coordinator/api/pair-view.ts';
import { glanceLine, pauseWords, shortLine } from '../../../coordinator/cli/event-line.ts';
import { createOutput, type Style } from '../../../coordinator/cli/output.ts';
import { cutLine } from '../../../coordinator/cli/watch/cut-line.ts';
import { renderPicture } from '../../../coordinator/cli/watch/picture.ts';
import { widthOf } from '../../../coordinator/cli/wrap-words.ts';
import type { StoredEvent } from '../../../coordinator/store/event-log.ts';
import { hearPair, type PairState, tickPair } from '../../../coordinator/watch/pair-state.ts';
import { recallPairState } from '../../../coordinator/watch/recall.ts';
import type { PairDetail } from '../../../shared/api/pair-view.ts';
import { failing, healthy } from '../../support/console-scenes.ts';
import { startFakeAgents } from '../../support/fake-agents.ts';
import { makeHeartbeat } from '../../support/make-heartbeat.ts';
import { NOW, PAIR } from '../../support/make-readings.ts';
import { runCli } from '../../support/run-cli.ts';

const MAIN = fileURLToPath(new URL('../../support/cli-with-spec.ts', import.meta.url));
const sink = { write: () => true };
const plain: Style = createOutput({ mode: 'plain', stdout: sink, stderr: sink }).style;
const colours: Style = createOutput({ mode: 'terminal', stdout: sink, stderr: sink }).style;

function heard(name: string, hosts: readonly ('db1' | 'db2')[]): PairDetail {
  const spec = { ...PAIR, name };
  let state: PairState = recallPairState(name, PAIR.vip, ['db1', 'db2'], [], NOW - 5000);
  for (const host of hosts) state = hearPair(state, host, makeHeartbeat(host, { time: NOW }), NOW);
  const memory = { events: [], lastDrill: null, modeSince: NOW - 7_200_000, rate: () => 41.7 };
  return viewPair(spec, tickPair(state, NOW), memory);
}

const event = (id: number, kind: StoredEvent['kind'], minutesAgo = 0): StoredEvent => ({
  ...{ id, kind, time: NOW - minutesAgo * 60_000, pair: 'orders', host: 'db1', data: {} },
  message: `${kind} of db1 happened, and this is told in one long sentence that does not end soon.`,
});

const drawn = (pairs: readonly PairDetail[], columns: number, rows: number, events: StoredEvent[] = []) =>
  renderPicture({ pairs, events, now: NOW }, { columns, rows, style: plain });

test('the worst pair comes first, in full; roles, VIP, votes, protection, lag and rate are told', async (t) => {
  const lines = drawn([heard('good', ['db1', 'db2']), heard('bad', ['db1'])], 79, 24, [
    event(1, 'AgentLost'),
  ]);
  const text = lines.join('\n');
  t.match(lines[0], /^hotpair {2}1 critical, 1 healthy +\d\d:\d\d:\d\d {2}q ends$/);
  t.match(lines[2], /^✖ bad {2}VIP 10\.88\.0\.10\/24 on db1/);
  t.match(text, /db2 +silent/);
  t.match(text, /critical db2: Its agent does not answer/);
  t.match(text, /✔ good {2}VIP 10\.88\.0\.10\/24 on db1 {2}SYNC 2 h {2}42 commits\/s/);
  t.match(text, /db1 +primary VIP +writable +load 0\.\d\d +1 vote\n +db2 +standby +read-only +lag 0 s/);
  t.match(text, /witness +1 vote/);
  t.match(lines.at(-1), /^ {2}\d\d:\d\d:\d\d ▲ orders +AgentLost of db1 happened/);
});

test('whatever the room, nothing is higher or wider than the screen, and every pair is counted', async (t) => {
  const pairs = Array.from({ length: 40 }, (_, index) =>
    heard(`pair${index}`, index === 17 ? ['db1'] : ['db1', 'db2']),
  );
  const events = Array.from({ length: 20 }, (_, index) => event(index, 'ServerDown'));
  for (const [columns, rows] of [
    [79, 24],
    [200, 60],
    [40, 10],
    [20, 4],
    [10, 1],
  ] as const)
    for (const count of [1, 3, 40]) {
      const frame = { columns, rows, style: colours };
      const lines = renderPicture({ pairs: pairs.slice(-count), events, now: NOW }, frame);
      t.ok(lines.length <= rows, `${count} pairs in ${columns}x${rows}: ${lines.length} lines`);
      t.ok(
        lines.every((line) => widthOf(line) <= columns),
        `${count} pairs in ${columns}x${rows}`,
      );
    }
  const lines = drawn(pairs, 79, 24, events);
  t.match(lines[2], /^✖ pair17 /);
  t.match(lines.join('\n'), /… and \d+ more pairs/);
});

test('until the agents have been heard there is no alarm', async (t) => {
  const state = recallPairState('new', PAIR.vip, ['db1', 'db2'], [], NOW);
  const memory = { events: [], lastDrill: null, modeSince: null, rate: () => null };
  t.strictSame(drawn([viewPair(PAIR, state, memory)], 79, 24), ['Asking the agents …']);
});

test('a line is cut at its width, and its colours end with it', async (t) => {
  t.equal(cutLine('abc', 3), 'abc');
  t.equal(cutLine('abcd', 3), 'ab…');
  const cut = cutLine(`${colours.red('abcdef')}`, 4);
  t.equal(stripVTControlCharacters(cut), 'abc…');
  t.ok(cut.endsWith('\u001b[0m'));
});

test('events at a glance: a quiet time and a new day are told, what is critical is bold', async (t) => {
  t.match(pauseWords(null, NOW), /^── 2026-11-2\d ──$/);
  t.equal(pauseWords(NOW - 30_000, NOW), null);
  t.equal(pauseWords(NOW - 720_000, NOW), '── 12 min later ──');
  t.match(pauseWords(NOW - 86_400_000, NOW), /^── 2026-11-2\d ──$/);
  t.match(
    glanceLine(event(7, 'ServerDown'), false, plain),
    /^ {4}7 {2}\d\d:\d\d:\d\d {2}✖ ServerDown +ServerDown of/,
  );
  t.match(
    glanceLine(event(7, 'ServerDown'), false, colours),
    `${colours.bold(event(7, 'ServerDown').message)}`,
  );
  t.match(shortLine(event(7, 'ServerUp', 3000), true, plain, NOW), /^11-2\d {4}✔ orders +ServerUp of/);
});

test('on a terminal it follows the pair, and leaves everything as it was', async (t) => {
  const agents = await startFakeAgents(t.testdir());
  t.teardown(() => agents[Symbol.asyncDispose]());
  healthy(agents);
  const command = [execPath, MAIN, 'status', '--watch', '--config', agents.specFile];
  const child = spawn('script', ['-q', '-e', '-c', `env -u NODE_OPTIONS ${command.join(' ')}`, '/dev/null'], {
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm' },
  });
  let shown = '';
  const seen = async (words: RegExp): Promise<void> => {
    while (!words.test(shown)) await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  };
  child.stdout.on('data', (bytes: Buffer) => {
    shown += stripVTControlCharacters(bytes.toString());
    raw += bytes.toString();
  });
  let raw = '';
  await seen(/✔ orders {2}VIP .* on db1/);
  failing(agents);
  await seen(/✖ orders {2}VIP .* on db2 {2}SOLO/);
  child.stdin.write('q');
  const [code] = await once(child, 'close');
  t.equal(code, 0);
  t.ok(raw.startsWith('\u001b[?1049h'), 'a screen of its own');
  t.ok(
    raw.trimEnd().endsWith('\u001b[?7h\u001b[?25h\u001b[?1049l'),
    'wrap, cursor and first screen are back',
  );
});

test('in a pipe it says what to use instead', async (t) => {
  const agents = await startFakeAgents(t.testdir());
  t.teardown(() => agents[Symbol.asyncDispose]());
  const args = ['status', '--watch', '--config', agents.specFile];
  t.match(await runCli(args, { cwd: agents.data, main: MAIN }), {
    code: 2,
    stdout: '',
    stderr: /--watch --json/,
  });
});
