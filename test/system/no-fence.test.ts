// A pair on hosts whose nft cannot be used, with `fence: none`: it deploys, says that it has no fence, and what is
// acknowledged survives the death of the primary's server and of its host.
import { join } from 'node:path';
import tap, { test } from 'tap';
import { startLab } from '../lab/lab.ts';
import { monotonicMs } from '../lab/load/clock.ts';
import { acksOf, dualAcks } from '../lab/load/dual-acks.ts';
import { startLoad } from '../lab/load/load.ts';
import { createLoadTable } from '../lab/load/tables.ts';
import { assertRows, untilAcknowledged } from '../support/acknowledged-rows.ts';
import { deployPair, follow, readStatus } from '../support/deployed-pair.ts';
import { needsLab } from '../support/needs-lab.ts';

const skip = needsLab();
const timeout = 600_000;
tap.setTimeout(2 * timeout); // the first run on a machine builds the images

test('a pair without a fence', { skip, timeout }, async (t) => {
  await using lab = await startLab({ log: (line) => t.comment(line) });
  const hosts = [...lab.hosts.values()];
  for (const host of hosts) await host.exec(['ln', '-sf', '/bin/false', '/usr/sbin/nft']);
  const coordinator = await deployPair(lab, { unfenced: true, application: true });
  await using daemon = follow(coordinator, 'serve');
  await daemon.said(/^Watching orders/);
  const status = readStatus(coordinator);
  t.match((await coordinator.run('status')).stdout, /^ +No fence \(fence: none\)/m);
  const { primary, standby } = await status.roles();
  await status.inSync();
  const table = { database: coordinator.account.database, table: 'rows_of_the_load' };
  await createLoadTable(lab.host(primary), table);
  await using load = startLoad(lab.clientArgv, {
    ...{ ...coordinator.account, ...table, host: lab.vip, connections: 8, gtid: true },
    ...{ historyFile: join(lab.directory, 'load.jsonl'), firstId: 1 },
  });
  const acknowledges = (): Promise<void> => untilAcknowledged(load);
  await acknowledges();

  await t.test('the server of the primary is killed', async (t) => {
    await lab.faults.killProcess(primary, 'mariadb.service');
    await status.becomes(primary, 'STANDBY_READY');
    t.same(await status.roles(), { primary: standby, standby: primary });
    await status.inSync();
    await acknowledges();
  });

  const cutAt = monotonicMs();
  await t.test('the host of the primary loses its power', async (t) => {
    await lab.host(standby).powerLoss();
    await acknowledges();
    await lab.host(standby).boot();
    t.same(await status.roles(), { primary, standby });
    await status.inSync();
  });

  const { history } = await load.stop();
  const verdict = await assertRows(t, { hosts, table, history, faults: [{ name: 'power', at: cutAt }] });
  t.comment(
    `${verdict.acknowledged} rows acknowledged; without an answer after the loss of power: ${Math.round(verdict.gaps[0]?.gapMs ?? Number.NaN)} ms`,
  );
  t.same(dualAcks(acksOf(history)), [], 'never two writers');
});
