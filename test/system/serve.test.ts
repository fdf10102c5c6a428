// The daemon over a real pair: what it sees when servers, agents, hosts and keepalived go and come, and what the
// history commands make of it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import tap, { test } from 'tap';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { startLab } from '../lab/lab.ts';
import { deployPair, type Followed, follow } from '../support/deployed-pair.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 400_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

interface Event {
  readonly id: number;
  readonly kind: string;
  readonly host: string | null;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * The events as they come out of events --follow --json. Each is taken once, in whatever order two hosts are heard: a
 * heartbeat a second tells of a server that is back already before another tells who has the VIP. `forget` leaves out
 * what came before.
 */
function reader(following: Followed) {
  const taken = new Set<number>();
  const take = (kind: string, host: string): Event | undefined => {
    const events = following.lines.map((line) => JSON.parse(line) as Event);
    const found = events.findIndex((one, at) => one.kind === kind && one.host === host && !taken.has(at));
    if (found !== -1) taken.add(found);
    return events[found];
  };
  const event = (kind: string, host: string): Promise<Event> =>
    waitFor(`the event ${kind} of ${host}`, () => take(kind, host), { deadlineMs: 60_000, intervalMs: 50 });
  const forget = (): void => {
    for (const at of following.lines.keys()) taken.add(at);
  };
  return { event, forget };
}

test('the daemon over a real pair', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = await deployPair(lab);
  await using daemon = follow(coordinator, 'serve');
  await daemon.said(/^Watching orders/);
  await using following = follow(coordinator, '--json', 'events', '--follow');
  const { event, forget } = reader(following);
  const first = await event('RoleChanged', 'db2').then(({ data }) =>
    data['to'] === 'standby' ? 'db1' : 'db2',
  );
  const second = first === 'db1' ? 'db2' : 'db1';
  await event('RoleChanged', 'db1');

  await t.test('a killed server: down, VIP moved with its gap, back', async (t) => {
    forget();
    await lab.host(first).exec(['pkill', '-9', 'mariadbd']);
    const moved = await event('VipMoved', second);
    t.comment(moved.message);
    t.match(moved.data, { from: first, to: second, gapMs: Number });
    t.ok(Number(moved.data['gapMs']) < 3000, 'the gap is about what the VIP was away');
    await event('RoleChanged', first);
    const { document } = await coordinator.json('events', '--explain', String(moved.id));
    t.match(document, { takeover: { host: second, proof: { complete: true, mode: 'sync' } } });
    for (const line of (document as { lines: string[] }).lines) t.comment(line);
  });

  await t.test('an agent that stops, and comes back', async (t) => {
    forget();
    await lab.host(second).exec(['systemctl', 'stop', 'hotpair-agent']);
    t.match((await event('AgentLost', second)).message, /silent/);
    await lab.host(second).exec(['systemctl', 'start', 'hotpair-agent']);
    await event('AgentBack', second);
  });

  await t.test('keepalived that stays away on the standby', async () => {
    forget();
    await lab.host(first).exec(['systemctl', 'stop', 'keepalived']);
    await event('KeepalivedDown', first);
    await lab.host(first).exec(['systemctl', 'start', 'keepalived']);
    await event('KeepalivedUp', first);
  });

  await t.test('a report says what happened, in a file too', async (t) => {
    const { code, document } = await coordinator.json('report', '--send');
    t.equal(code, 0);
    t.match(document, {
      pairs: [{ primary: second, failovers: [{ from: first, to: second, drill: false }] }],
    });
    const folder = join(coordinator.data, 'reports');
    const html = (await readdir(folder)).find((name) => name.endsWith('.html')) ?? '';
    t.match(await readFile(join(folder, html), 'utf8'), /The VIP moved once in the period/);
  });

  await t.test('the logs of both hosts in one', async (t) => {
    const { stdout, code } = await coordinator.run('logs', '--lines', '30');
    t.equal(code, 0);
    for (const words of [/ db1 {2}/, / db2 {2}/, /hotpair-guard/, /keepalived/, /mariadb/])
      t.match(stdout, words);
    const times = stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.slice(0, 23));
    t.same(times, times.toSorted(), 'in the order of time');
  });

  await t.test('power loss of the primary: the VIP moves, the agent is lost', async (t) => {
    forget();
    await lab.host(second).powerLoss();
    const moved = await event('VipMoved', first);
    t.comment(moved.message);
    t.match(moved.data, { from: second, to: first, gapFrom: 'heartbeats' });
    await event('AgentLost', second);
    await lab.host(second).boot();
    await event('AgentBack', second);
    await event('RoleChanged', second);
  });

  t.equal(await following.end('SIGINT'), 0);
  t.equal(await daemon.end('SIGTERM'), 0);
  const kinds = following.lines.map((line) => (JSON.parse(line) as Event).kind);
  t.notOk(kinds.includes('VipDuplicated') || kinds.includes('WritersDuplicated'), kinds.join(' '));
});
