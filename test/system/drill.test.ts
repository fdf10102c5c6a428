// `coordinator drill` on a real pair, beside the daemon: the test itself, its refusals, and every way to interrupt it.
import tap, { test } from 'tap';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { startLab } from '../lab/lab.ts';
import { deployPair, follow } from '../support/deployed-pair.ts';
import type { LabCoordinator } from '../support/lab-coordinator.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 400_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

interface Status {
  readonly pairs: readonly {
    readonly healthy: boolean;
    readonly primary: string | null;
    readonly problem: string | null;
  }[];
}

async function statusOf(coordinator: LabCoordinator): Promise<Status['pairs'][number] | undefined> {
  const { document } = await coordinator.json('status');
  return (document as Status).pairs[0];
}

async function primaryOf(coordinator: LabCoordinator): Promise<string | null> {
  return (await statusOf(coordinator))?.primary ?? null;
}

function untilHealthy(coordinator: LabCoordinator): Promise<true> {
  return waitFor(
    'a healthy pair',
    async () => ((await statusOf(coordinator))?.healthy === true ? true : undefined),
    {
      deadlineMs: 60_000,
    },
  );
}

test('a drill on a real pair', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = await deployPair(lab);
  await using daemon = follow(coordinator, 'serve');
  await daemon.said(/^Watching orders/);

  await t.test('without --yes and without a terminal nothing happens', async (t) => {
    const { code, stderr } = await coordinator.run('drill');
    t.equal(code, 3);
    t.match(stderr, /no terminal to ask on; add --yes/);
    t.match(await statusOf(coordinator), { healthy: true });
  });

  await t.test('the VIP goes to the other host, no row is lost, and it stays there', async (t) => {
    const before = await primaryOf(coordinator);
    const { code, document } = await coordinator.json('drill', '--yes');
    t.comment(JSON.stringify(document));
    t.match(document, { ok: true, rowsLost: 0, primaryBefore: before, outageMs: Number });
    t.equal(code, 0);
    t.match(await statusOf(coordinator), { healthy: true });
    t.not(await primaryOf(coordinator), before, 'the roles are exchanged');
  });

  await t.test('the daemon saw it, as part of a drill', async (t) => {
    const events = await waitFor(
      'the end of the drill in the history',
      async () => {
        const { document } = await coordinator.json('events');
        const { events } = document as {
          events: { kind: string; host: string | null; data: Record<string, unknown> }[];
        };
        return events.some(({ kind }) => kind === 'ServerUp') ? events : undefined;
      },
      { deadlineMs: 20_000 },
    );
    const kinds = events.map(({ kind }) => kind);
    for (const kind of ['DeployFinished', 'DrillStarted', 'ServerDown', 'VipMoved', 'DrillFinished'])
      t.ok(kinds.includes(kind), kind);
    t.notOk(kinds.includes('VipDuplicated') || kinds.includes('WritersDuplicated'), kinds.join(' '));
    t.comment(events.map((event) => `${event.kind} ${event.host} ${JSON.stringify(event.data)}`).join('\n'));
    const { document } = await coordinator.json('report');
    t.match(document, { grade: 'healthy', pairs: [{ failovers: [{ drill: true }], outageMs: 0 }] });
  });

  await t.test('a pair that is not healthy is not made worse', async (t) => {
    await lab.host('db1').exec(['systemctl', 'stop', 'hotpair-guard']);
    const { code, document } = await coordinator.json('drill', '--yes');
    t.match(document, { error: { code: 'PAIR_UNHEALTHY', message: /not healthy/ } });
    t.equal(code, 3);
    await lab.host('db1').exec(['systemctl', 'start', 'hotpair-guard']);
    await untilHealthy(coordinator);
  });

  await t.test('Ctrl-C in the middle: the server comes back before the command ends', async (t) => {
    await using drill = follow(coordinator, 'drill', '--yes');
    await drill.said(/start +Stop the server/);
    t.equal(await drill.end('SIGINT'), 1);
    t.match(await statusOf(coordinator), { healthy: true });
  });

  await t.test('killed in the middle: the next one names the way back, and --recover goes it', async (t) => {
    const primary = lab.host((await primaryOf(coordinator)) ?? '');
    await using drill = follow(coordinator, 'drill', '--yes');
    await drill.said(/start +Stop the server/);
    await waitFor(
      'the hold on the server',
      async () =>
        (await primary.exec(['test', '-e', '/run/hotpair/hold-server'], { check: false })).code === 0 ||
        undefined,
      { deadlineMs: 10_000, intervalMs: 20 },
    );
    await drill.end('SIGKILL');
    await primary.exec(['systemctl', 'stop', 'mariadb']);
    const refused = await waitFor(
      'the pair to give the killed drill up',
      async () => {
        const { code, document } = await coordinator.json('drill', '--yes');
        const text = JSON.stringify(document);
        return text.includes('PAIR_BUSY') ? undefined : { code, text };
      },
      { deadlineMs: 20_000 },
    );
    t.equal(refused.code, 3);
    t.match(refused.text, /--recover brings it back/);
    const { code, stderr } = await coordinator.run('drill', '--recover');
    t.equal(code, 0, stderr);
    t.match(await statusOf(coordinator), { healthy: true });
  });

  t.equal(await daemon.end('SIGTERM'), 0);
});
