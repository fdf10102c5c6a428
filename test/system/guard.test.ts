/**
 * The guards of a pair on real hosts, under a client that writes through the virtual address: what happens to the role,
 * the address and the rows when servers, keepalived, guards and hosts die. Judged by rows and roles, not by times.
 */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import tap, { type Test, test } from 'tap';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { monotonicMs } from '../lab/load/clock.ts';
import type { HistoryEvent } from '../lab/load/history.ts';
import { startLoad } from '../lab/load/load.ts';
import { startVipSampler, type VipSampler } from '../lab/load/sampler.ts';
import { createLoadTable } from '../lab/load/tables.ts';
import { vipOverlaps } from '../lab/load/vip-intervals.ts';
import { assertRows, untilAcknowledged } from '../support/acknowledged-rows.ts';
import { CLIENT } from '../support/database-pair.ts';
import { type GuardedPair, startGuardedPair } from '../support/guarded-pair.ts';
import { needsLab } from '../support/needs-lab.ts';

const TABLE = { database: CLIENT.database, table: 'rows_of_the_load' };
const CONNECTIONS = 4;
/** Ids of one scenario; no load gets that far. */
const RANGE = 1_000_000;

interface Roles {
  readonly primary: string;
  readonly standby: string;
}

class Scenes {
  readonly #pair: GuardedPair;
  readonly #folder: string;
  readonly #sampler: VipSampler;
  readonly #history: HistoryEvent[] = [];
  #count = 0;

  constructor(pair: GuardedPair, folder: string, sampler: VipSampler) {
    this.#pair = pair;
    this.#folder = folder;
    this.#sampler = sampler;
  }

  /** Runs `scene` under load, waits until the pair is healthy, compares all rows so far; returns the roles after. */
  async play(t: Test, scene: (before: Roles) => Promise<void>): Promise<Roles> {
    const { lab, names } = this.#pair;
    const before = await this.#pair.healthy();
    this.#count += 1;
    await using load = startLoad(lab.clientArgv, {
      host: lab.vip,
      user: CLIENT.user,
      password: CLIENT.password,
      ...TABLE,
      historyFile: join(this.#folder, `history-${this.#count}.jsonl`),
      connections: CONNECTIONS,
      firstId: this.#count * RANGE,
    });
    await untilAcknowledged(load);
    await scene(before);
    const after = await this.#pair.healthy();
    await untilAcknowledged(load);
    this.#history.push(...(await load.stop()).history);
    await this.#compare(t, names);
    return after;
  }

  /** Hosts that showed the address at the same time since `from`. */
  overlapsSince(from: number): number {
    return vipOverlaps(this.#sampler.intervals(), monotonicMs()).filter((one) => one.from >= from).length;
  }

  async #compare(t: Test, names: readonly string[]): Promise<void> {
    const hosts = names.map((name) => this.#pair.lab.host(name));
    const verdict = await assertRows(t, { hosts, table: TABLE, history: this.#history });
    t.same(verdict.overlaps, [], 'the hosts took turns in acknowledging');
  }
}

const TIMEOUT_MS = 600_000;
tap.setTimeout(2 * TIMEOUT_MS); // The first run on a machine builds the images.

test('guards of a pair', { skip: needsLab(), timeout: TIMEOUT_MS }, async (t) => {
  await using pair = await startGuardedPair({ log: (line) => t.comment(line) });
  const { lab, names } = pair;
  const first = await pair.healthy();
  await createLoadTable(lab.host(first.primary), TABLE);
  await using sampler = await startVipSampler(lab.prefix, names, lab.vip);
  const scenes = new Scenes(pair, t.testdir({}), sampler);
  const signal = async (host: string, unit: string, name: string): Promise<void> => {
    const pid = await lab.host(host).pidOf(unit);
    await lab.host(host).exec(['kill', `-${name}`, String(pid)]);
  };
  const becomesPrimary = (host: string): Promise<true> =>
    waitFor(
      `${host} to be primary`,
      async () => ((await pair.status(host))?.role === 'primary' ? true : undefined),
      {
        deadlineMs: 20_000,
      },
    );

  await t.test('the server of the primary is killed, again and again', async (t) => {
    const started = monotonicMs();
    for (let time = 1; time <= 3; time += 1) {
      const after = await scenes.play(t, async ({ primary, standby }) => {
        await signal(primary, 'mariadb.service', 'KILL');
        await becomesPrimary(standby);
      });
      const status = await pair.status(after.primary);
      t.type(status?.lastPromotion?.['drain'], 'number', 'the promotion tells its phases');
    }
    t.equal(scenes.overlapsSince(started), 0, 'the address was never on two hosts');
  });

  await t.test('the server of the primary hangs: it does not wake up writable', async (t) => {
    const after = await scenes.play(t, async ({ primary, standby }) => {
      await signal(primary, 'mariadb.service', 'STOP');
      await becomesPrimary(standby);
    });
    const { stdout } = await lab
      .host(after.standby)
      .exec(['journalctl', '--unit=mariadb.service', '--no-pager', '--output=cat']);
    t.match(stdout, /status=9\/KILL/, 'it was killed');
  });

  await t.test('the server of the standby is killed: the primary goes on', async (t) => {
    let before: Roles | undefined;
    const after = await scenes.play(t, async (roles) => {
      before = roles;
      await signal(roles.standby, 'mariadb.service', 'KILL');
      await waitFor(
        'the guard to see it',
        async () => ((await pair.status(roles.standby))?.voting?.promotable ? undefined : true),
        {
          deadlineMs: 5000,
          intervalMs: 10,
        },
      );
    });
    t.same(after, before);
  });

  await t.test('a guard that is killed or restarted loses nothing', async (t) => {
    let before: Roles | undefined;
    const after = await scenes.play(t, async (roles) => {
      before = roles;
      const { primary } = roles;
      const old = await lab.host(primary).pidOf('hotpair-guard.service');
      await signal(primary, 'hotpair-guard.service', 'KILL');
      await waitFor(
        'the next guard',
        async () => {
          const pid = await lab
            .host(primary)
            .pidOf('hotpair-guard.service')
            .catch(() => old);
          return pid === old ? undefined : pid;
        },
        { deadlineMs: 10_000 },
      );
      await pair.healthy();
      await lab.host(primary).exec(['systemctl', 'restart', 'hotpair-guard.service']);
    });
    // Known weakness, judged by fault 17a of the fault table and not here: a guard that is not back within the rest of its
    // lease costs a failover. Rows are judged above all the same.
    if (JSON.stringify(after) !== JSON.stringify(before))
      t.comment('the guard was back too late: the roles moved');
  });

  await t.test(
    'a guard that stands still: the kernel closes the port, and the other host takes over',
    async (t) => {
      await scenes.play(t, async ({ primary, standby }) => {
        await signal(primary, 'hotpair-guard.service', 'STOP');
        await becomesPrimary(standby);
        // systemd's watchdog ends the old one in time; until then it must not matter.
      });
    },
  );

  await t.test('a host that stands still for a while wakes up as a standby', async (t) => {
    const after = await scenes.play(t, async ({ primary, standby }) => {
      await lab.faults.freeze(primary);
      await becomesPrimary(standby);
      await lab.faults.thaw(primary);
    });
    t.ok(after.primary);
  });

  await t.test('a guard that is stopped leaves no permit behind', async (t) => {
    await scenes.play(t, async ({ primary, standby }) => {
      await lab.host(primary).exec(['systemctl', 'stop', 'hotpair-guard.service']);
      const { stdout } = await lab.host(primary).exec(['cat', '/run/hotpair/vip_permit']);
      t.equal(stdout, '0\n');
      await waitFor(
        `${standby} to have the address`,
        async () => ((await pair.status(standby))?.hasVip ? true : undefined),
        { deadlineMs: 10_000 },
      );
      await lab.host(primary).exec(['systemctl', 'start', 'hotpair-guard.service']);
    });
  });

  await t.test('keepalived is killed: one host has the address afterwards', async (t) => {
    await scenes.play(t, async ({ primary }) => {
      await lab.faults.killProcess(primary, 'keepalived.service');
      await sleep(1000); // The second holder, if there is one, shows by then.
    });
    t.equal(sampler.holders().length, 1);
  });

  await t.test('a host that lost its power comes back as a standby', async (t) => {
    await scenes.play(t, async ({ primary, standby }) => {
      await lab.host(primary).powerLoss();
      await becomesPrimary(standby);
      await lab.host(primary).boot();
      await sampler.follow(primary);
      const after = await pair.healthy();
      t.same(after, { primary: standby, standby: primary }, 'it does not take the address back');
    });
  });

  await t.test('both hosts lose their power: one of them serves, with everything', async (t) => {
    await scenes.play(t, async () => {
      await Promise.all(names.map((name) => lab.host(name).powerLoss()));
      await Promise.all(names.map((name) => lab.host(name).boot()));
      for (const name of names) await sampler.follow(name);
    });
  });

  await t.test('a held server is not started', async (t) => {
    await scenes.play(t, async ({ primary, standby }) => {
      const host = lab.host(primary);
      await host.exec(['touch', '/run/hotpair/hold-server']);
      await sleep(1000); // The guard looks for the file twice a second.
      await host.exec(['systemctl', 'stop', 'mariadb.service']);
      await becomesPrimary(standby);
      await sleep(1500); // Long enough for a start that must not happen.
      t.match(await pair.status(primary), { role: 'maintenance', permit: false });
      await host.exec(['rm', '/run/hotpair/hold-server']);
    });
  });
});
