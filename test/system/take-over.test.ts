// A deployed pair whose coordinator is lost, and taken over by another one with an authority of its own, while the
// application goes on writing. The former daemon is not even stopped: its witness must not vote beside the new one's. And
// then the new one loses its secrets, and deploys again.
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import tap, { test } from 'tap';
import type { GuardState } from '../../shared/model/facts.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { startLab } from '../lab/lab.ts';
import { monotonicMs } from '../lab/load/clock.ts';
import { acksOf, dualAcks } from '../lab/load/dual-acks.ts';
import { startLoad } from '../lab/load/load.ts';
import { createLoadTable, sql } from '../lab/load/tables.ts';
import { assertRows, untilAcknowledged } from '../support/acknowledged-rows.ts';
import { deployPair, follow, readStatus } from '../support/deployed-pair.ts';
import { makeLabCoordinator } from '../support/lab-coordinator.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 900_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

const ACCOUNT = { user: 'app', password: 'app-in-the-lab', database: 'app' } as const;
const TABLE = { database: ACCOUNT.database, table: 'rows_of_the_load' };

test('a pair is taken over by another coordinator', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const former = await deployPair(lab);
  await using formerDaemon = follow(former, 'serve');
  await formerDaemon.said(/^Watching orders/);
  const before = await readStatus(former).roles();
  const hosts = [...lab.hosts.values()];
  const primary = lab.host(before.primary);
  await sql(
    primary,
    `CREATE DATABASE ${ACCOUNT.database};
     CREATE USER '${ACCOUNT.user}'@'%' IDENTIFIED BY '${ACCOUNT.password}';
     GRANT ALL ON ${ACCOUNT.database}.* TO '${ACCOUNT.user}'@'%';`,
  );
  await createLoadTable(primary, TABLE);
  const guards = (): Promise<GuardState[]> =>
    Promise.all(
      hosts.map(async (host) => JSON.parse((await host.exec(['cat', HOST_PATHS.guardStatus])).stdout)),
    );
  /** A standby has nothing to ask the witness. */
  const witnessIsHeard = (heard: boolean): Promise<true> =>
    waitFor(
      `the witness to be ${heard ? 'heard' : 'silent'}`,
      async () =>
        (await guards()).some(({ voting }) => voting?.hears.witness === true) === heard ? true : undefined,
      { deadlineMs: 60_000 },
    );
  await witnessIsHeard(true);
  await using load = startLoad(lab.clientArgv, {
    ...{ ...ACCOUNT, ...TABLE, host: lab.vip, connections: 8, gtid: true },
    ...{ historyFile: join(lab.directory, 'load.jsonl'), firstId: 1 },
  });
  const acknowledges = (): Promise<void> => untilAcknowledged(load);
  const next = makeLabCoordinator(lab, { name: 'next' });
  // The former daemon has the usual port.
  await appendFile(next.file, '  listen: 127.0.0.1:8081\n');

  await t.test('without the consent of the operator it is refused, with the command to use', async (t) => {
    for (const args of [
      ['deploy', '--yes'],
      ['agent', 'install'],
    ]) {
      const { code, document } = await next.json(...args);
      t.equal(code, 3);
      t.match(document, {
        error: { code: 'REFUSED', message: /another coordinator.*agent install --take-over db/ },
      });
    }
    await witnessIsHeard(true);
  });

  const moments = [{ name: 'take-over', at: monotonicMs() }];
  await t.test(
    'taken over: the guards keep each other, and the former witness is heard no more',
    async (t) => {
      await acknowledges();
      const since = (await primary.exec(['date', '+%s'])).stdout.trim();
      await next.documentOf('agent', 'install', '--take-over');
      await acknowledges();
      t.match((await former.json('agent', 'list')).document, { agents: [{ up: false }, { up: false }] });
      // It runs, and dials.
      await witnessIsHeard(false);
      for (const host of hosts) {
        const argv = [
          'journalctl',
          '--unit=hotpair-guard',
          `--since=@${since}`,
          '--output=cat',
          '--no-pager',
        ];
        const { stdout } = await host.exec(argv);
        t.match(stdout, /Both guards are of one coordinator/);
        t.match(stdout, /"voter":"[AB]"[^\n]*a voter is connected/, 'the other guard showed itself anew');
        t.notMatch(stdout, /"voter":"[AB]"[^\n]*no longer connected/, 'the other guard was never lost');
        t.notMatch(stdout, /The guard has started/, 'no guard was restarted');
        t.match(stdout, /that of another coordinator/, 'the former witness is turned away');
      }
      const [one, other] = await guards();
      t.same([one?.voting?.primary, other?.voting?.primary], [before.primary, before.primary]);
    },
  );

  await using daemon = follow(next, 'serve');
  await daemon.said(/^Watching orders/);
  await t.test('the new witness votes, and the deploy makes the rest its own', async (t) => {
    await witnessIsHeard(true);
    await waitFor(
      'the new witness to have its vote',
      async () => {
        const votes = (await guards()).map(({ voting }) => voting?.votes.witness);
        return votes.every((vote) => vote === 1) ? true : undefined;
      },
      { deadlineMs: 60_000 },
    );
    await acknowledges();
    moments.push({ name: 'deploy', at: monotonicMs() });
    await next.documentOf('deploy', '--yes');
    await readStatus(next).roles();
    await acknowledges();
    t.match((await next.json('verify')).code, 0);
  });

  await t.test(
    'a coordinator that has lost its secrets deploys again, and then nothing changes',
    async (t) => {
      await rm(join(next.data, 'secrets'), { recursive: true });
      moments.push({ name: 'deploy without secrets', at: monotonicMs() });
      await next.documentOf('deploy', '--yes');
      await readStatus(next).roles();
      await acknowledges();
      t.match(await next.documentOf('deploy', '--yes'), { changed: 0 });
      t.equal((await next.json('verify')).code, 0);
    },
  );

  const { history } = await load.stop();
  const verdict = await assertRows(t, { hosts, table: TABLE, history, faults: moments });
  t.comment(
    `${verdict.acknowledged} rows acknowledged; longest waits: ${verdict.gaps.map(({ name, gapMs }) => `${name} ${Math.round(gapMs ?? Number.NaN)} ms`).join(', ')}`,
  );
  t.same(dualAcks(acksOf(history)), [], 'never two writers');
});
