// events, report and logs as processes of their own, against two agents on loopback and a real store.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import { parseCount, parseLength, parseSince } from '../../../coordinator/cli/time-options.ts';
import { openStore } from '../../../coordinator/store/open-store.ts';
import { type FakeAgents, startFakeAgents } from '../../support/fake-agents.ts';
import { decisionOf } from '../../support/make-decision.ts';
import { serverDown } from '../../support/make-heartbeat.ts';
import { runCli, runCliOnTerminal } from '../../support/run-cli.ts';

tap.setTimeout(120_000); // some twenty processes

const MAIN = fileURLToPath(new URL('../../support/cli-with-spec.ts', import.meta.url));

async function agentsOf(t: Test): Promise<FakeAgents> {
  const agents = await startFakeAgents(t.testdir());
  t.teardown(() => agents[Symbol.asyncDispose]());
  return agents;
}

const cli = (agents: FakeAgents, args: readonly string[]) =>
  runCli([...args, '--config', agents.specFile], { cwd: agents.data, main: MAIN, env: { TZ: 'UTC' } });

function fillStore(agents: FakeAgents): void {
  const store = openStore(agents.data);
  const at = (minutesAgo: number): number => Date.now() - minutesAgo * 60_000;
  store.events.append({
    time: at(600),
    pair: 'orders',
    kind: 'DeployFinished',
    message: 'The deploy is done.',
  });
  store.events.append({
    ...{ time: at(30), pair: 'orders', host: 'db2', kind: 'VipMoved' },
    message: 'The VIP 10.88.0.10 moved from db1 to db2; nobody had it for 295 ms.',
    data: { from: 'db1', to: 'db2', gapMs: 295 },
  });
  store.close();
}

/** Starts a following command, collects its lines, and ends it with Ctrl-C once `enough` holds. */
function following(agents: FakeAgents, args: readonly string[], enough: (lines: string[]) => boolean) {
  const child = spawn(execPath, [MAIN, ...args, '--config', agents.specFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  let ending = false; // A second Ctrl-C would end it hard.
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    if (ending || !enough(lines)) return;
    ending = child.kill('SIGINT');
  });
  return new Promise<{ lines: string[]; code: number | null }>((resolve) =>
    child.on('close', (code) => resolve({ lines, code })),
  );
}

test('events: a line each for people, one document for programs', async (t) => {
  const agents = await agentsOf(t);
  t.match(await cli(agents, ['events']), { code: 0, stdout: 'No events.\n' });
  fillStore(agents);
  const [all, recent, newest, json] = await Promise.all([
    cli(agents, ['events']),
    cli(agents, ['events', '--since', '1h']),
    cli(agents, ['events', '--limit', '1']),
    cli(agents, ['--json', 'events', '--pair', 'orders']),
  ]);
  t.match(
    all.stdout,
    /^ {4}1 {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}• DeployFinished {6}The deploy is done\.\n/,
  );
  t.match(
    all.stdout,
    /▲ VipMoved +The VIP 10\.88\.0\.10 moved from db1 to db2; nobody had it for 295 ms\.\n$/,
  );
  t.equal(recent.stdout.split('\n').length, 2);
  t.equal(newest.stdout.split('\n').length, 2);
  const { events } = JSON.parse(json.stdout);
  t.match(events, [{ kind: 'DeployFinished' }, { kind: 'VipMoved', data: { gapMs: 295 } }]);
});

test('events --explain: the decisions around an event, by the number that the list shows', async (t) => {
  const agents = await agentsOf(t);
  fillStore(agents);
  const store = openStore(agents.data);
  const { time = 0 } = store.events.get(2) ?? {};
  store.decisions.add('orders', 'db2', [decisionOf('3-1', { at: time - 400 })], 0);
  store.close();
  const [plain, json] = await Promise.all([
    cli(agents, ['events', '--explain', '2']),
    cli(agents, ['--json', 'events', '--explain', '2']),
  ]);
  t.match(plain, {
    code: 0,
    stdout: /^Event 2, .*The VIP .*\n[\d:.]+ {2}db2 {2}S5 {2}STANDBY_READY → PROMOTING /,
  });
  t.match(JSON.parse(json.stdout), {
    event: { id: 2 },
    decisions: [{ host: 'db2', decision: { id: '3-1' } }],
    takeover: { host: 'db2', proof: null },
  });
});

test('what cannot be is a usage error that names the option', async (t) => {
  const agents = await agentsOf(t);
  const rows: [string[], RegExp][] = [
    [['events', '--pair', 'stock'], /no pair stock.*orders/],
    [['events', '--since', 'yesterday'], /--since yesterday/],
    [['events', '--explain', '7'], /no event 7.*coordinator events/],
    [['events', '--explain', 'all'], /--explain all/],
    [['report', '--format', 'pdf'], /'pdf' is invalid.*text, html, json/],
    [['logs', 'db9'], /no pair or host db9.*orders, db1, db2/],
  ];
  const runs = await Promise.all(rows.map(([args]) => cli(agents, args)));
  for (const [index, [args, words]] of rows.entries())
    t.match(runs[index], { code: 2, stderr: words }, args.join(' '));
});

test('events --follow: goes on with what comes, and Ctrl-C is its ordinary end', async (t) => {
  const agents = await agentsOf(t);
  fillStore(agents);
  const store = openStore(agents.data);
  t.teardown(() => store.close());
  let appended = false;
  const { lines, code } = await following(
    agents,
    ['events', '--follow', '--json', '--limit', '1'],
    (soFar) => {
      if (!appended) store.events.append({ pair: 'orders', kind: 'VipMissing', message: 'New.' });
      appended = true;
      return soFar.length === 2;
    },
  );
  t.match(
    lines.map((line) => JSON.parse(line)),
    [{ kind: 'VipMoved' }, { kind: 'VipMissing', message: 'New.' }],
  );
  t.equal(code, 0);
});

test('report: verdict first, in every format, with the history of the period', async (t) => {
  const agents = await agentsOf(t);
  fillStore(agents);
  const [plain, short, html, json, chinese, terminal] = await Promise.all([
    cli(agents, ['report']),
    cli(agents, ['report', 'orders', '--period', '10m']),
    cli(agents, ['report', '--format', 'html']),
    cli(agents, ['--json', 'report']),
    cli(agents, ['report', '--language', 'zh']),
    runCliOnTerminal(['report', '--config', agents.specFile], { cwd: agents.data, main: MAIN }),
  ]);
  t.match(
    plain.stdout,
    /^ATTENTION: orders: The VIP moved once in the period, clients were interrupted for 295 ms in all\.\n/,
  );
  t.equal(plain.code, 0);
  t.match(short.stdout, /^HEALTHY: orders/);
  t.match(html.stdout, /^<!doctype html>/);
  t.match(JSON.parse(json.stdout), { grade: 'attention', pairs: [{ outageMs: 295 }] });
  t.match(chinese.stdout, /^需关注：orders：本周期内 VIP 迁移 1 次，客户端共中断 295 毫秒。\n/);
  t.equal(terminal.stdout.split('ATTENTION')[0], '\u001b[33m', 'in colour on a terminal');
});

test('report: a host that is down is what it begins with', async (t) => {
  const agents = await agentsOf(t);
  agents.say('db1', (time) => serverDown('db1', { time, vip: false }));
  await agents.stop('db2');
  const { stdout, code } = await cli(agents, ['report']);
  t.match(stdout, /^CRITICAL: orders: The VIP is not on db1; \d more below\.\n/);
  t.match(stdout, /critical {2}db2: Its agent does not answer: No agent answers on db2/);
  t.equal(code, 0);
});

test('report --send: into the folder, and an event that it was sent', async (t) => {
  const agents = await agentsOf(t);
  t.match(await cli(agents, ['report', '--send']), { code: 0, stderr: /sent: folder/ });
  t.equal(readdirSync(join(agents.data, 'reports')).length, 3);
  const store = openStore(agents.data);
  t.match(store.events.list(), [{ kind: 'ReportSent', data: { due: null, grade: 'healthy' } }]);
  store.close();
});

const line = (unit: string, time: number, message: string, priority = 6) => ({
  time,
  source: unit,
  priority,
  message,
});

test('report --open: a page in the reports folder, and its place is all that is printed', async (t) => {
  const agents = await agentsOf(t);
  const { code, stdout } = await cli(agents, ['report', '--open']);
  t.equal(code, 0);
  const file = stdout.trimEnd();
  t.match(file, /^\/.*\/reports\/[^/\n]+-orders\.html$/);
  t.match(readFileSync(file, 'utf8'), /^<!doctype html>.*HEALTHY: orders/s);
});

test('logs: both hosts in the order of time, hotpair’s own JSON as sentences', async (t) => {
  const agents = await agentsOf(t);
  const at = Date.UTC(2026, 10, 22, 8);
  agents.answer('log-read', (host, params) => {
    t.match(params, { lines: 7, units: ['mariadb.service', 'keepalived.service'] });
    if (host === 'db1')
      return {
        lines: [
          line('mariadb.service', at, '2026-11-22  8:00:00 0 [Warning] ready for connections'),
          line('keepalived.service', at + 500, '(VI) Entering FAULT STATE', 3),
        ],
      };
    const json = JSON.stringify({
      level: 30,
      time: at,
      name: 'guard',
      row: 'P2',
      err: { message: 'gone' },
      msg: 'The server is down.',
    });
    return { lines: [line('hotpair-guard.service', at + 250, json)] };
  });
  const { stdout } = await cli(agents, ['logs', '-n', '7']);
  t.equal(
    stdout,
    `2026-11-22 08:00:00.000  db1  mariadb         [Warning] ready for connections
2026-11-22 08:00:00.250  db2  hotpair-guard   The server is down.  row=P2  err=gone
2026-11-22 08:00:00.500  db1  keepalived      (VI) Entering FAULT STATE
`,
  );
  const document = JSON.parse((await cli(agents, ['--json', 'logs', 'db2', '-n', '7'])).stdout);
  t.match(document.lines, [{ host: 'db2', unit: 'hotpair-guard.service', time: at + 250 }]);
  t.equal(document.lines.length, 1);
});

test('logs: a host that does not answer is said, the other one is shown', async (t) => {
  const agents = await agentsOf(t);
  agents.answer('log-read', (host) => ({ lines: [line('mariadb.service', 0, `of ${host}`)] }));
  await agents.stop('db1');
  const [both, one] = await Promise.all([cli(agents, ['logs']), cli(agents, ['logs', 'db1'])]);
  t.match(both, { code: 0, stdout: /of db2/, stderr: /warning: No agent answers on db1/ });
  t.match(one, { code: 1, stderr: /AGENT_UNREACHABLE/ });
});

test('logs --follow: lines as they come, and Ctrl-C is its ordinary end', async (t) => {
  const agents = await agentsOf(t);
  const timer = setInterval(() => {
    agents.log('db2', { unit: 'mariadb.service', time: Date.now(), message: 'tick', priority: 6 });
  }, 100);
  const { lines, code } = await following(agents, ['logs', '--follow'], (soFar) => soFar.length >= 2);
  clearInterval(timer);
  t.match(lines[0], /db2 {2}mariadb {9}tick$/);
  t.equal(code, 0);
});

test('lengths of time, times and counts as people type them', async (t) => {
  t.same(
    ['90s', '30m', '24h', '7d', '2w'].map((text) => parseLength(text, '--x') / 1000),
    [90, 1800, 86_400, 604_800, 1_209_600],
  );
  const now = Date.UTC(2026, 10, 22, 8);
  t.equal(parseSince('1h', '--since', now), now - 3_600_000);
  t.equal(parseSince('2026-11-22T07:30:00Z', '--since', now), now - 1_800_000);
  t.equal(parseSince('2026-11-22 07:30:00Z', '--since', now), now - 1_800_000);
  for (const wrong of ['', '1', 'h', '0s', '-1h', '1.5h', '1y', '2026-99-01', '1h '])
    t.throws(() => parseSince(wrong, '--since', now), { code: 'USAGE' }, JSON.stringify(wrong));
  for (const wrong of ['0', '-1', '1e3', '11', 'x'])
    t.throws(() => parseCount(wrong, '-n', 10), { code: 'USAGE' }, wrong);
  t.ok(existsSync(MAIN));
});
