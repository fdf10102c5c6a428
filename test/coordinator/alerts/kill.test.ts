/**
 * The coordinator is killed between an event and its delivery, again and again: every event is told, and told once to a
 * receiver that honours the id. HOTPAIR_KILLS=100 kills it so often.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import tap, { type Test, test } from 'tap';
import { openStore } from '../../../coordinator/store/open-store.ts';
import { waitFor } from '../../../shared/runtime/wait-for.ts';
import { webReceiver } from '../../support/alert-receivers.ts';
import { startFakeAgents } from '../../support/fake-agents.ts';
import { makeAlerts, makeReceiver } from '../../support/make-alerts.ts';

const KILLS = Number(env['HOTPAIR_KILLS'] ?? 4);
const MAIN = fileURLToPath(new URL('../../support/cli-with-spec.ts', import.meta.url));
/** A look at the pairs, and the slowest answer of the receiver: a kill may fall anywhere in it. */
const SPAN_MS = 1600;
const SLOWEST_MS = 400;

tap.setTimeout(60_000 + KILLS * 15_000);

/** Settles when the daemon serves. */
async function startDaemon(t: Test, specFile: string): Promise<ChildProcess> {
  const { NODE_OPTIONS: _hooks, ...own } = env;
  const child = spawn(execPath, [MAIN, 'serve', '--config', specFile], {
    ...{ env: { ...own, HOTPAIR_LOG_LEVEL: 'silent' }, stdio: ['ignore', 'pipe', 'ignore'] },
  });
  t.teardown(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new TypeError('no pipe');
  await once(createInterface(child.stdout), 'line');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

test(`${KILLS} kills between event and delivery: none lost, none told twice`, async (t) => {
  await using agents = await startFakeAgents(t.testdir());
  const web = await webReceiver(t, async () => {
    await delay(Math.random() * SLOWEST_MS);
    return { status: 204, body: '' };
  });
  const alerts = makeAlerts({ receivers: [makeReceiver({ url: { text: web.url } })] });
  const specFile = join(t.testdirName, 'with-alerts.json');
  writeFileSync(specFile, JSON.stringify({ ...agents.spec, alerts }));
  const store = openStore(agents.data);
  t.teardown(() => store.close());
  const moved = (): number =>
    store.events.append({
      ...{ pair: 'orders', host: 'db2', kind: 'VipMoved', message: 'The VIP moved.' },
      // Old enough that what led to it is complete.
      ...{ time: Date.now() - 4000, data: { from: 'db1', to: 'db2', gapMs: 900 } },
    }).id;
  await kill(await startDaemon(t, specFile));
  const events: number[] = [];
  for (let round = 0; round < KILLS; round += 1) {
    const child = await startDaemon(t, specFile);
    events.push(moved());
    await delay(Math.random() * SPAN_MS);
    await kill(child);
  }
  const child = await startDaemon(t, specFile);
  const raised = () =>
    web.posts.filter(({ body }) => (JSON.parse(body) as { type: string }).type === 'alert.raised');
  const idsOf = (event: number): Set<unknown> =>
    new Set(
      raised()
        .filter(({ body }) => body.includes(`--explain ${event}"`))
        .map(({ headers }) => headers['webhook-id']),
    );
  await waitFor('all events to be told', () => events.every((event) => idsOf(event).size > 0) || undefined, {
    deadlineMs: 30_000 + KILLS * 1500,
  }).catch(() => undefined);
  await waitFor('the outbox to be empty', () => store.alerts.pending().length === 0 || undefined, {
    deadlineMs: 20_000,
  });
  await kill(child);
  t.same(
    events.filter((event) => idsOf(event).size === 0),
    [],
    'none is lost',
  );
  t.same(
    events.filter((event) => idsOf(event).size > 1),
    [],
    'none has two ids',
  );
  const ids = new Set(web.posts.map(({ headers }) => headers['webhook-id']));
  t.comment(
    `${KILLS} kills, ${events.length} events, ${ids.size} messages, ${web.posts.length - ids.size} of them sent again`,
  );
});
