// The commands to a pair's guards on the command line, with agents whose guards say what a test wants.
import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import type { VotingState } from '../../../shared/model/facts.ts';
import { type FakeAgents, type HostName, startFakeAgents } from '../../support/fake-agents.ts';
import { makeHeartbeat, makeVoting } from '../../support/make-heartbeat.ts';
import { runCli, runCliOnTerminal } from '../../support/run-cli.ts';

const timeout = 120_000; // some twenty processes in all
tap.setTimeout(2 * timeout);

const MAIN = fileURLToPath(new URL('../../support/cli-with-spec.ts', import.meta.url));

/** The host says that its guard is in this phase, of a pair whose primary is `primary`. */
function say(
  agents: FakeAgents,
  host: HostName,
  phase: string,
  primary: HostName,
  more: Partial<VotingState> = {},
) {
  const voting = makeVoting(primary === host, { phase, primary, promotable: false, ...more });
  const role = phase.startsWith('PRIMARY') ? 'primary' : 'standby';
  agents.say(host, (time) =>
    makeHeartbeat(host, { time, primary: role === 'primary', guard: { role, voting } }),
  );
}

function roles(agents: FakeAgents, primary: HostName): void {
  const standby = primary === 'db1' ? 'db2' : 'db1';
  say(agents, primary, 'PRIMARY_SYNC', primary);
  say(agents, standby, 'STANDBY_READY', primary, { promotable: true });
}

async function agentsOf(t: Test): Promise<FakeAgents> {
  const agents = await startFakeAgents(t.testdir());
  t.teardown(() => agents[Symbol.asyncDispose]());
  roles(agents, 'db1');
  return agents;
}

async function run(agents: FakeAgents, ...args: string[]) {
  const { code, stdout, stderr } = await runCli([...args, '--config', agents.specFile], {
    ...{ cwd: agents.data, main: MAIN },
  });
  return { code, stdout, stderr };
}

async function json(agents: FakeAgents, ...args: string[]) {
  const { code, stdout } = await run(agents, ...args, '--json');
  return { code, document: JSON.parse(stdout) as unknown };
}

test('a switchover is followed until the roles are exchanged', { timeout }, async (t) => {
  const agents = await agentsOf(t);
  agents.obey('db1', () => {
    setTimeout(() => roles(agents, 'db2'), 300);
    say(agents, 'db1', 'DRAINING', 'db1');
    return { accepted: true, text: 'The standby is 3 transactions behind: the switchover begins.' };
  });
  const { code, document } = await json(agents, 'switchover', 'orders', '--to', 'db2', '--yes');
  t.match(document, {
    ...{ pair: 'orders', from: 'db1', to: 'db2', ok: true },
    phasesMs: { accepted: Number, serves: Number, follows: Number, sync: Number },
  });
  t.equal(code, 0);
  t.same(agents.called, ['db1 switchover'], 'the primary is the one that is asked');
  const back = await run(agents, 'switchover', '--yes');
  t.match(back, { code: 3, stderr: /The guard of db2 refused: no guard here/ });
});

test('what a switchover is refused for', { timeout }, async (t) => {
  const agents = await agentsOf(t);
  t.match(await json(agents, 'switchover', '--to', 'db1', '--yes'), {
    ...{ code: 3, document: { error: { code: 'REFUSED', message: /db1 is the primary of orders already/ } } },
  });
  t.match(await json(agents, 'switchover', '--to', 'db3', '--yes'), {
    ...{ code: 2, document: { error: { message: /has no host db3; its hosts are: db1, db2/ } } },
  });
  t.same(agents.called, [], 'no guard was asked');
  agents.obey('db1', () => ({ accepted: false, reason: 'db1 has been PRIMARY_SOLO for 700 ms.' }));
  t.match(await json(agents, 'switchover', '--yes'), {
    code: 3,
    document: {
      ...{ ok: false, from: 'db1' },
      error: { code: 'REFUSED', data: { reason: 'db1 has been PRIMARY_SOLO for 700 ms.' } },
    },
  });
  for (const host of ['db1', 'db2'] as const)
    agents.say(host, (time) => makeHeartbeat(host, { time, guard: null }));
  t.match(await json(agents, 'switchover', '--yes'), {
    ...{
      code: 3,
      document: { error: { code: 'PAIR_UNHEALTHY', message: /Nobody knows who is the primary/ } },
    },
  });
  await agents.stop('db2');
  roles(agents, 'db1');
  t.match(await json(agents, 'switchover', '--yes'), {
    code: 1,
    document: { error: { code: 'AGENT_UNREACHABLE' } },
  });
});

test('a switchover that is given up says that the old primary goes on', { timeout }, async (t) => {
  const agents = await agentsOf(t);
  const note = 'Statements did not end within 200 ms: the server stayed writable.';
  agents.obey('db1', () => {
    say(agents, 'db1', 'PRIMARY_SYNC', 'db1', { note });
    return { accepted: true, text: 'It begins.' };
  });
  const given = await run(agents, 'switchover', '--yes');
  t.match(given, { code: 1, stderr: /given up: Statements did not end .* db1 goes on .* writable again/ });
  t.match(given.stdout, /failed/);
  roles(agents, 'db1');
  agents.obey('db1', () => ({ accepted: true, text: 'It begins.' }));
  t.match(await json(agents, 'switchover', '--yes'), {
    ...{ code: 1, document: { error: { code: 'SWITCHOVER_FAILED', message: /did not begin in time/ } } },
  });
});

test('orders go to the host they are for, with their time and reason', { timeout }, async (t) => {
  const agents = await agentsOf(t);
  const heard: unknown[] = [];
  for (const host of ['db1', 'db2'] as const)
    agents.obey(host, (command) => {
      heard.push([host, command]);
      return { accepted: true, text: `${host} obeys.` };
    });
  t.match(await json(agents, 'maintenance', 'on', 'db2', '--for', '2h', '--reason', 'a new disk'), {
    ...{ code: 0, document: { host: 'db2', command: 'maintenance', answer: 'db2 obeys.' } },
  });
  t.match(await run(agents, 'maintenance', 'off', 'db2'), { code: 0, stdout: /✔ db2 obeys/ });
  t.match(await json(agents, 'solo', 'on', 'orders', '--for', '30m'), { code: 0, document: { host: 'db1' } });
  t.match(await json(agents, 'fence', 'on', 'db1'), {
    code: 3,
    document: { error: { message: /add --yes/ } },
  });
  await agents.stop('db2'); // A fence needs nobody but its host.
  t.match(await json(agents, 'fence', 'on', 'db1', '--yes'), { code: 0 });
  t.match(await json(agents, 'rejoin', 'db1'), { code: 0 });
  t.same(heard, [
    ['db2', { kind: 'maintenance', reason: 'a new disk', forMs: 7_200_000 }],
    ['db2', { kind: 'off' }],
    ['db1', { kind: 'solo', reason: 'solo by an operator', forMs: 1_800_000 }],
    ['db1', { kind: 'fence', reason: 'fenced by an operator', forMs: null }],
    ['db1', { kind: 'rejoin' }],
  ]);
  t.match(await json(agents, 'maintenance', 'perhaps', 'db1'), { code: 2 });
  t.match(await json(agents, 'rejoin', 'db7'), {
    ...{ code: 2, document: { error: { message: /There is no host db7; the hosts are: db1, db2/ } } },
  });
});

test('force needs the loss accepted and the name of the pair typed in', { timeout }, async (t) => {
  const agents = await agentsOf(t);
  await agents.stop('db1'); // The lost one.
  agents.obey('db2', () => ({ accepted: true, text: 'db2 becomes primary at 42.' }));
  const force = (...more: string[]) => json(agents, 'force', 'orders', '--primary', 'db2', ...more);
  t.match(await json(agents, 'force', 'orders'), { code: 2 });
  t.match(await force(), { code: 3, document: { error: { message: /say --accept-data-loss/ } } });
  t.match(await force('--accept-data-loss'), {
    code: 3,
    document: { error: { message: /add --confirm orders/ } },
  });
  t.match(await force('--accept-data-loss', '--confirm', 'order'), { code: 3 });
  const args = ['force', 'orders', '--primary', 'db2', '--accept-data-loss', '--config', agents.specFile];
  const terminal = { cwd: agents.data, main: MAIN };
  t.match(await runCliOnTerminal(args, { ...terminal, input: 'yes\n' }), {
    code: 3,
    stdout: /was not typed in/,
  });
  t.same(agents.called, [], 'no guard was asked');
  t.match(await runCliOnTerminal(args, { ...terminal, input: 'orders\n' }), {
    code: 0,
    stdout: /becomes primary/,
  });
  t.match(await force('--accept-data-loss', '--confirm', 'orders'), {
    ...{ code: 0, document: { host: 'db2', command: 'force-primary' } },
  });
  t.same(agents.called, ['db2 force-primary', 'db2 force-primary']);
});
