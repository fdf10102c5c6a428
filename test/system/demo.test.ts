// The demo's promise: from bare hosts to two survived faults and a switchover in one command, and a last line for programs.
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import tap, { test } from 'tap';
import { run } from '../lab/run.ts';
import { listRuns } from '../lab/run-record.ts';
import { needsLab } from '../support/needs-lab.ts';

const main = fileURLToPath(new URL('../lab/demo/main.ts', import.meta.url));
const timeoutMs = 300_000;
tap.setTimeout(timeoutMs + 10_000);

test('the demo: deployed, killed, cut off, switched over, nothing lost, nothing left', {
  skip: needsLab(),
  timeout: timeoutMs,
}, async (t) => {
  const { code, stdout, stderr } = await run([process.execPath, main, '--once'], { timeoutMs, check: false });
  if (code !== 0) t.comment(`${stdout}\n${stderr}`);
  t.equal(code, 0);
  const summary: Record<string, unknown> = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  t.match(summary, {
    deploySeconds: Number,
    redeploySeconds: Number,
    outageMs: Number,
    partitionOutageMs: Number,
    switchoverOutageMs: Number,
    rowsAcknowledged: Number,
  });
  t.match(summary, { rowsLost: 0, twoWriters: 0, redeployChanged: 0 });
  t.match(stdout, / P1 .* Votes in ballot .* Nothing acknowledged was left behind/s);
  t.equal(stripVTControlCharacters(stdout), stdout, 'plain in a pipe');
  t.same(new Set([summary['primaryBefore'], summary['primaryAfter']]), new Set(['db1', 'db2']));
  const prefix = /\/runs\/(demo\w+)\//.exec(stdout)?.[1];
  t.type(prefix, 'string', 'the file in the story says which run it was');
  t.notOk(
    listRuns().some((one) => one.prefix === prefix),
    'its run is not left behind',
  );
});

test('the demo refuses arguments it does not know', async (t) => {
  const { code, stderr } = await run([process.execPath, main, '--twice'], { check: false });
  t.equal(code, 2);
  t.match(stderr, /usage: npm run demo/);
});
