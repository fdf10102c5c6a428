/** The pair that `coordinator deploy` makes out of two hosts of the lab. */

import type { Lab, LabHost } from '../test/lab/lab.ts';
import {
  createMarkerTable,
  holderOf,
  type PairUnderTest,
  waitUntilWhole,
} from '../test/lab/load/pair-under-test.ts';
import { type LabCoordinator, makeLabCoordinator } from '../test/support/lab-coordinator.ts';

export interface DeployedPair {
  readonly pair: PairUnderTest;
  readonly hotpair: LabCoordinator;
}

export async function setUpHotpair(lab: Lab, hosts: readonly [LabHost, LabHost]): Promise<DeployedPair> {
  const names = hosts.map(({ name }) => name);
  const hotpair = makeLabCoordinator(lab, { hosts: names, application: true });
  const deploy = async (): Promise<void> => {
    await hotpair.documentOf('deploy', '--yes');
  };
  await deploy();
  const pair: PairUnderTest = {
    name: 'hotpair',
    hosts,
    vip: lab.vip,
    account: hotpair.account,
    readOnlyStandby: true,
    markerTable: `${hotpair.account.database}.load_marker`,
    repair: deploy,
  };
  await createMarkerTable(await holderOf(pair), pair.markerTable);
  await waitUntilWhole(pair, 30_000);
  return { pair, hotpair };
}
