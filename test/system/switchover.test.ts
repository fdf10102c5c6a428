// The operator's commands to the guards of a real pair, beside the witness and under load: ten planned switchovers, one
// that is refused, one that is given up, maintenance, solo and fence. Judged by rows and roles, not by times.
import { join } from 'node:path';
import tap, { type Test, test } from 'tap';
import type { VotingState } from '../../shared/model/facts.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { startLab } from '../lab/lab.ts';
import type { FaultMoment, LoadVerdict } from '../lab/load/check.ts';
import { monotonicMs } from '../lab/load/clock.ts';
import { acksOf, dualAcks } from '../lab/load/dual-acks.ts';
import type { HistoryEvent } from '../lab/load/history.ts';
import { startLoad } from '../lab/load/load.ts';
import { createLoadTable, sql } from '../lab/load/tables.ts';
import { assertRows, untilAcknowledged } from '../support/acknowledged-rows.ts';
import { deployPair, follow } from '../support/deployed-pair.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 900_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

const TIMES = 10;
const ACCOUNT = { user: 'app', password: 'app-in-the-lab', database: 'app' } as const;
const TABLE = { database: ACCOUNT.database, table: 'rows_of_the_load' };
const HOLD = '/run/hotpair/hold-server';
/** What a client that connects and asks again gets over. */
const RETRYABLE =
  /ECONNRE(SET|FUSED)|ETIMEDOUT|EHOSTUNREACH|PROTOCOL_CONNECTION_LOST|connect|closed|no answer|read.only|ER_OPTION_PREVENTS_STATEMENT|ER_CONNECTION_KILLED/i;

interface Status {
  readonly pairs: readonly {
    readonly healthy: boolean;
    readonly primary: string | null;
    readonly hosts: readonly {
      readonly name: string;
      readonly heartbeat: { readonly guard: { readonly voting: VotingState } | null } | null;
    }[];
  }[];
}

test('commands of operators to a real pair', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const coordinator = await deployPair(lab);
  await using daemon = follow(coordinator, 'serve');
  await daemon.said(/^Watching orders/);
  const hosts = [...lab.hosts.values()];

  const status = async (): Promise<Status['pairs'][number] | undefined> =>
    ((await coordinator.json('status')).document as Status).pairs[0];
  const roles = async (): Promise<{ readonly primary: string; readonly standby: string }> => {
    const primary = await waitFor(
      'a healthy pair',
      async () => {
        const now = await status();
        return now?.healthy === true ? (now.primary ?? undefined) : undefined;
      },
      { deadlineMs: 60_000 },
    );
    return { primary, standby: hosts.find(({ name }) => name !== primary)?.name ?? '' };
  };
  const phaseOf = async (name: string): Promise<string | undefined> =>
    (await status())?.hosts.find((host) => host.name === name)?.heartbeat?.guard?.voting.phase;
  const becomes = (name: string, phase: string): Promise<true> =>
    waitFor(`${name} to be ${phase}`, async () => ((await phaseOf(name)) === phase ? true : undefined), {
      deadlineMs: 60_000,
    });

  const first = lab.host((await roles()).primary);
  await sql(
    first,
    `CREATE DATABASE ${ACCOUNT.database}; CREATE TABLE ${ACCOUNT.database}.marker (n INT);
     CREATE USER '${ACCOUNT.user}'@'%' IDENTIFIED BY '${ACCOUNT.password}';
     GRANT ALL ON ${ACCOUNT.database}.* TO '${ACCOUNT.user}'@'%';`,
  );
  await createLoadTable(first, TABLE);

  const history: HistoryEvent[] = [];
  let count = 0;
  /** Runs the scene under eight writers; afterwards every row that was acknowledged is on both hosts. */
  const underLoad = async (
    scene: (acknowledges: () => Promise<unknown>) => Promise<void>,
  ): Promise<readonly HistoryEvent[]> => {
    count += 1;
    await using load = startLoad(lab.clientArgv, {
      ...{ ...ACCOUNT, ...TABLE, host: lab.vip, connections: 8, gtid: true },
      ...{ historyFile: join(lab.directory, `load-${count}.jsonl`), firstId: count * 1_000_000 },
    });
    const acknowledges = (): Promise<void> => untilAcknowledged(load);
    await acknowledges();
    await scene(acknowledges);
    await acknowledges();
    const { history: seen } = await load.stop();
    for (const event of seen) history.push(event);
    await roles();
    return seen;
  };
  const judge = (t: Test, faults: readonly FaultMoment[] = []): Promise<LoadVerdict> =>
    assertRows(t, { hosts, table: TABLE, history, faults });

  await t.test('the host that is the primary cannot become it', async (t) => {
    const { primary } = await roles();
    const { code, document } = await coordinator.json('switchover', 'orders', '--to', primary, '--yes');
    t.equal(code, 3);
    t.match(document, { error: { code: 'REFUSED', message: new RegExp(`${primary} is the primary`) } });
  });

  await t.test(`to and fro, ${TIMES} times`, async (t) => {
    const moments: FaultMoment[] = [];
    const seen = await underLoad(async (acknowledges) => {
      for (let time = 0; time < TIMES; time += 1) {
        const { primary, standby } = await roles();
        await acknowledges();
        moments.push({ name: `to ${standby}`, at: monotonicMs() });
        const { code, document } = await coordinator.json('switchover', 'orders', '--to', standby, '--yes');
        t.comment(JSON.stringify(document));
        t.equal(code, 0);
        t.match(document, { ok: true, from: primary, to: standby });
        t.same(await roles(), { primary: standby, standby: primary }, 'the roles are exchanged');
        t.equal(await phaseOf(standby), 'PRIMARY_SYNC');
      }
    });
    const verdict = await judge(t, moments);
    const outages = verdict.gaps
      .map(({ gapMs }) => Math.round(gapMs ?? Number.NaN))
      .toSorted((a, b) => a - b);
    const errors = new Set(seen.flatMap((event) => ('error' in event ? [event.error] : [])));
    t.comment(`outages in ms: ${outages.join(', ')}; ${verdict.acknowledged} rows acknowledged`);
    t.comment(`what clients were told: ${[...errors].join(' | ')}`);
    t.same(
      [...errors].filter((error) => !RETRYABLE.test(error)),
      [],
      'only what a client tries again',
    );
    t.same(dualAcks(acksOf(seen)), [], 'never two writers');
  });

  await t.test('a table that is locked: given up, and the primary is writable', async (t) => {
    const { primary, standby } = await roles();
    await underLoad(async (acknowledges) => {
      const host = lab.host(primary);
      const locked = sql(
        host,
        `LOCK TABLES ${ACCOUNT.database}.marker WRITE; SELECT SLEEP(100);`,
        120_000,
      ).catch(() => undefined);
      const holder = await waitFor(
        'the lock',
        async () => {
          const which = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(100)%';";
          return (await sql(host, which))[0]?.[0];
        },
        { deadlineMs: 20_000 },
      );
      const { code, document } = await coordinator.json('switchover', 'orders', '--yes');
      t.equal(code, 1);
      t.match(document, {
        error: { code: 'SWITCHOVER_FAILED', message: /given up: .* is writable again/ },
      });
      await acknowledges();
      await sql(host, `KILL ${holder};`);
      await locked;
    });
    t.same(await roles(), { primary, standby });
    await judge(t);
  });

  await t.test('a standby without its server: refused, with the reason', async (t) => {
    const { primary, standby } = await roles();
    const host = lab.host(standby);
    await host.exec(['touch', HOLD]);
    try {
      await host.exec(['pkill', '-9', 'mariadbd']);
      await becomes(primary, 'PRIMARY_SOLO');
      const { code, document } = await coordinator.json('switchover', 'orders', '--to', standby, '--yes');
      t.equal(code, 3);
      t.match(document, { error: { code: 'REFUSED', message: /PRIMARY_SOLO for \d+ ms/ } });
    } finally {
      await host.exec(['rm', HOLD]);
    }
    t.same(await roles(), { primary, standby });
  });

  await t.test('maintenance of the standby, and its end', async (t) => {
    const { primary, standby } = await roles();
    const refused = await coordinator.json('maintenance', 'on', primary);
    t.match(refused, { code: 3, document: { error: { message: /is the primary: switch over first/ } } });
    await underLoad(async (acknowledges) => {
      const on = await coordinator.json(
        'maintenance',
        'on',
        standby,
        '--for',
        '2h',
        '--reason',
        'a new disk',
      );
      t.match(on, { code: 0, document: { host: standby, command: 'maintenance' } });
      await becomes(standby, 'MAINTENANCE');
      t.equal(await phaseOf(primary), 'PRIMARY_SOLO');
      await lab.host(standby).exec(['systemctl', 'stop', 'mariadb']);
      await acknowledges();
      t.equal(await phaseOf(standby), 'MAINTENANCE', 'its server is left to the operator');
      t.match(await coordinator.json('maintenance', 'off', standby), { code: 0 });
      await becomes(standby, 'STANDBY_READY');
    });
    t.same(await roles(), { primary, standby });
    await judge(t);
  });

  await t.test('solo and fence, and their ends', async (t) => {
    const { primary, standby } = await roles();
    t.match(await coordinator.json('solo', 'on', 'orders', '--for', '1h'), { code: 0 });
    await becomes(primary, 'PRIMARY_SOLO');
    t.match(await coordinator.json('solo', 'off', 'orders'), { code: 0 });
    await becomes(primary, 'PRIMARY_SYNC');
    await roles();
    t.match(await coordinator.json('fence', 'on', primary, '--yes', '--reason', 'odd disk'), { code: 0 });
    await becomes(standby, 'PRIMARY_SOLO');
    t.match(await coordinator.json('fence', 'off', primary), { code: 0 });
    t.same(await roles(), { primary: standby, standby: primary });
    await judge(t);
  });

  await t.test('force is refused while the other host is heard', async (t) => {
    const { standby } = await roles();
    const force = (...more: string[]) => coordinator.json('force', 'orders', '--primary', standby, ...more);
    t.match(await force(), { code: 3, document: { error: { message: /--accept-data-loss/ } } });
    t.match(await force('--accept-data-loss'), { code: 3 });
    t.match(await force('--accept-data-loss', '--confirm', 'orders'), {
      code: 3,
      document: { error: { message: /was heard \d+ ms ago/ } },
    });
  });
});
