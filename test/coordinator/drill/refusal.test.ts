// What keeps a drill from starting, on the command line, with agents that say what is wrong.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import { loadOrCreateSecrets, secretsFile } from '../../../coordinator/secrets.ts';
import { openStore } from '../../../coordinator/store/open-store.ts';
import type { Heartbeat } from '../../../shared/model/facts.ts';
import { type FakeAgents, startFakeAgents } from '../../support/fake-agents.ts';
import { makeHeartbeat, serverDown } from '../../support/make-heartbeat.ts';
import { PAIR } from '../../support/make-readings.ts';
import { runCli } from '../../support/run-cli.ts';

tap.setTimeout(120_000); // some ten processes

const MAIN = fileURLToPath(new URL('../../support/cli-with-spec.ts', import.meta.url));

async function agentsOf(t: Test): Promise<FakeAgents> {
  const agents = await startFakeAgents(t.testdir());
  await loadOrCreateSecrets(agents.data, PAIR, async () => null);
  t.teardown(() => agents[Symbol.asyncDispose]());
  agents.answer('address-read', (host) => ({ addresses: makeHeartbeat(host).addresses }));
  return agents;
}

const drill = (agents: FakeAgents, ...args: string[]) =>
  runCli(['drill', ...args, '--config', agents.specFile], { cwd: agents.data, main: MAIN });

/** No action that changes something was asked for. */
const untouched = (agents: FakeAgents): boolean => agents.called.every((call) => !call.includes(' apply '));

test('a pair that is not healthy is refused, with what is wrong', async (t) => {
  const wrong: [RegExp, (time: number) => Heartbeat][] = [
    [/db2: the guard does not run/, (time) => makeHeartbeat('db2', { time, guard: null })],
    // The status file of a guard that ended a moment ago is still fresh.
    [
      /db2: the guard does not run/,
      (time) => makeHeartbeat('db2', { time, units: { 'hotpair-guard.service': 'inactive' } }),
    ],
    [/db2: the server does not answer/, (time) => serverDown('db2', { time })],
    [
      /db2: replication does not run/,
      (time) => makeHeartbeat('db2', { time, channel: { sqlRunning: false } }),
    ],
    [/db2: it is 9 s behind/, (time) => makeHeartbeat('db2', { time, channel: { secondsBehind: 9 } })],
    [/on both hosts/, (time) => makeHeartbeat('db2', { time, vip: true })],
  ];
  for (const [words, heartbeat] of wrong) {
    const agents = await startFakeAgents(t.testdir());
    await loadOrCreateSecrets(agents.data, PAIR, async () => null);
    agents.say('db2', heartbeat);
    const run = await drill(agents, '--yes');
    t.match(run, { code: 3, stderr: words }, String(words));
    t.match(run.stderr, /No drill on orders, it is not healthy.*PAIR_UNHEALTHY/s);
    t.ok(untouched(agents));
    await agents[Symbol.asyncDispose]();
  }
});

test('the server that an interrupted drill left down is named, with the way back', async (t) => {
  const agents = await agentsOf(t);
  agents.say('db1', (time) => serverDown('db1', { time, vip: false, guard: { role: 'maintenance' } }));
  agents.say('db2', (time) => makeHeartbeat('db2', { time, primary: true }));
  agents.outcome('file-absent', (host) => (host === 'db1' ? 'planned' : 'ok'));
  t.match(await drill(agents, '--yes'), {
    code: 3,
    stderr: /server on db1 is held down.*drill orders --recover/,
  });
  t.ok(untouched(agents));
});

test('without --yes and without a terminal it says what it would do, and does nothing', async (t) => {
  const agents = await agentsOf(t);
  const run = await drill(agents);
  t.match(run, { code: 3, stdout: /The server on db1 will be stopped,/, stderr: /add --yes to go on/ });
  t.match(
    run.stdout,
    /db1 {2}eth0 10\.88\.0\.11\/24, 10\.88\.0\.10\/24\n {2}db2 {2}eth0 10\.88\.0\.12\/24\n/,
  );
  t.ok(untouched(agents));
});

test('a pair that was not deployed from here is refused before anything is stopped', async (t) => {
  const agents = await agentsOf(t);
  rmSync(secretsFile(agents.data, PAIR.name));
  t.match(await drill(agents, '--yes'), { code: 2, stderr: /not deployed from here/ });
  t.notOk(agents.called.some((call) => call.includes('service-ensure')));
  const store = openStore(agents.data);
  t.same(store.events.list(), [], 'and no drill is in the history');
  store.close();
});
