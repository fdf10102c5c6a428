/** The pair that `coordinator deploy` makes out of two hosts of the lab. */

import { type HotpairInLab, placeHotpair } from '../test/lab/demo/hotpair-in-lab.ts';
import type { Lab, LabHost } from '../test/lab/lab.ts';
import {
  createMarkerTable,
  holderOf,
  type PairUnderTest,
  waitUntilWhole,
} from '../test/lab/load/pair-under-test.ts';

export interface DeployedPair {
  readonly pair: PairUnderTest;
  readonly hotpair: HotpairInLab;
}

export async function setUpHotpair(lab: Lab, hosts: readonly [LabHost, LabHost]): Promise<DeployedPair> {
  const hotpair = placeHotpair(lab, hosts, 'orders');
  const deploy = async (): Promise<void> => {
    await hotpair.json(['deploy', '--yes']);
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
