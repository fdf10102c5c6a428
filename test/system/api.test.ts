// A pair that is deployed, switched over and drilled over the REST interface alone, as the console does it.
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import type { EventPage, OutageDetail, OutageView, Samples } from '../../shared/api/history.ts';
import type { Job } from '../../shared/api/jobs.ts';
import type { PairDetail } from '../../shared/api/pair-view.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { startLab } from '../lab/lab.ts';
import { follow } from '../support/deployed-pair.ts';
import { makeLabCoordinator } from '../support/lab-coordinator.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 400_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

const ASK = fileURLToPath(new URL('../support/ask-api.ts', import.meta.url));

test('a pair by the REST interface alone', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = makeLabCoordinator(lab);
  const { token } = await coordinator.documentOf('token', 'create', 'anna', '--role', 'admin');
  await using daemon = follow(coordinator, 'serve');
  const url = /(http\S+)\/$/.exec(await daemon.said(/^Watching orders/))?.[1] ?? '';
  const env = { ...process.env, TOKEN: String(token) } as Record<string, string>;
  const text = async (path: string, method = 'GET', body?: object): Promise<string> => {
    const argv = [
      ...lab.operatorArgv,
      process.execPath,
      ASK,
      method,
      `${url}${path}`,
      JSON.stringify(body) ?? '',
    ];
    return (await runCommand(argv, { env, timeoutMs: 30_000 })).stdout;
  };
  const get = async <T>(path: string): Promise<T> => JSON.parse(await text(path)) as T;
  const perform = async (command: string, body: object = { dryRun: false }): Promise<Job> => {
    const { id } = JSON.parse(await text(`/v1/pairs/orders/${command}`, 'POST', body)) as Job;
    const job = await waitFor(
      `the job ${command}`,
      async () => {
        const found = await get<Job>(`/v1/jobs/${id}`);
        return found.state === 'running' ? undefined : found;
      },
      { deadlineMs: 180_000, intervalMs: 1000 },
    );
    t.equal(job.state, 'succeeded', `${command}: ${JSON.stringify(job.problem)}`);
    return job;
  };
  const healthy = (): Promise<PairDetail> =>
    waitFor(
      'the pair in SYNC',
      async () => {
        const pair = await get<PairDetail>('/v1/pairs/orders');
        return pair.mode === 'sync' && pair.primary !== null && pair.vipHolder === pair.primary
          ? pair
          : undefined;
      },
      { deadlineMs: 60_000, intervalMs: 500 },
    );

  t.match(await get('/v1/pairs'), [{ name: 'orders', grade: 'undeployed' }]);
  const planned = await perform('deploy', {});
  t.ok(Number((planned.result as { changed: number }).changed) > 10, 'a dry run first');
  const deployed = await perform('deploy');
  t.ok(deployed.progress.some(({ task, state }) => task === 'verify' && state === 'done'));
  const before = await healthy();
  t.match(before.votes, [{ weight: 1 }, { weight: 1 }, { voter: 'witness', weight: 1 }]);
  t.match(await perform('verify', {}), { result: { ok: true } });

  t.match(await perform('switchover', {}), { question: /Make db. the primary/ });
  t.equal((await healthy()).primary, before.primary, 'nothing was done');
  await perform('switchover');
  const between = await healthy();
  t.not(between.primary, before.primary);
  t.match(await perform('drill'), { result: { ok: true, rowsLost: 0 } });
  t.equal((await healthy()).primary, before.primary);

  const { outages } = await get<{ outages: OutageView[] }>('/v1/pairs/orders/outages');
  t.match(
    outages.map(({ cause }) => cause),
    ['drill', 'planned'],
  );
  const detail = await get<OutageDetail>(`/v1/pairs/orders/outages/${outages[0]?.id}`);
  const observers = new Set(detail.timeline.map(({ observer }) => observer));
  t.same([...observers].sort(), ['coordinator', 'db1', 'db2'], 'told by everybody who saw it');
  t.ok(detail.timeline.some(({ row, toPhase }) => row === 'O4' || toPhase === 'PROMOTING'));
  const events = await get<EventPage>('/v1/pairs/orders/events?kind=VipMoved&limit=2');
  t.equal(events.events.length, 2);
  const samples = await get<Samples>('/v1/pairs/orders/samples');
  const served = samples.series.find(({ metric }) => metric === 'served')?.values ?? [];
  t.ok(
    served.some((share) => share !== null && share > 0.5),
    `clients were served: ${served}`,
  );
  const metrics = await text('/metrics');
  t.match(metrics, /^hotpair_pair_sync\{pair="orders"\} 1$/m);
  t.match(
    metrics,
    new RegExp(`^hotpair_lease_margin_seconds\\{pair="orders",host="${before.primary}"\\} 0\\.\\d`, 'm'),
  );
  t.match(metrics, /^hotpair_outage_seconds_count\{cause="drill"\} 1$/m);
  t.match(await get('/v1/audit/verify'), { ok: true });
});
