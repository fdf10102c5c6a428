/**
 * Where faults are tried: a lab with one deployed pair, the coordinator's daemon beside it, and the way back from
 * whatever was broken. One stage serves as many faults as the pair gets over.
 */

import { join } from 'node:path';
import { setUpHotpair } from '../../bench/hotpair.ts';
import { type Lab, type LabDisk, type LabHost, startLab } from '../lab/lab.ts';
import type { PairUnderTest } from '../lab/load/pair-under-test.ts';
import { startVipSampler, type VipSampler } from '../lab/load/sampler.ts';
import { waitUntilSync } from '../lab/load/voting.ts';
import type { LabCoordinator } from '../support/lab-coordinator.ts';
import { CoordinatorDaemon } from './coordinator-daemon.ts';
import { SERVER } from './steps.ts';

/** Room for the server, its logs and a few minutes of rows; small enough to be filled in a moment. */
const diskMb = 2000;
const firstWholeMs = 60_000;

export interface Stage extends AsyncDisposable {
  readonly lab: Lab;
  readonly hotpair: LabCoordinator;
  readonly pair: PairUnderTest;
  readonly coordinator: CoordinatorDaemon;
  readonly vip: VipSampler;
  /** Each host has a file system of its own: it can be full, hang, and forget what was not synced. */
  readonly ownDisks: boolean;
  /** Turns a host on, and follows its address again. */
  boot(host: LabHost): Promise<void>;
  /** Ends every fault: hosts on and thawed, wires and disks as they were, the coordinator running. */
  restore(): Promise<void>;
  /** Waits until the pair is whole, and in the state in which it may lose a host; throws with what is wrong. */
  whole(deadlineMs: number, signal?: AbortSignal): Promise<void>;
}

export async function openStage(
  ownDisks: boolean,
  log: (line: string) => void,
  signal: AbortSignal,
  disk: LabDisk = ownDisks ? { loopMb: diskMb } : 'memory',
): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(await startLab({ image: 'golden', disk, log, signal }));
  const hosts = [lab.host('db1'), lab.host('db2')] as const;
  // A deploy looks into the server that is there, to see that it has nobody's data.
  await Promise.all(hosts.map((host) => host.exec(['systemctl', 'start', SERVER])));
  const { pair, hotpair } = await setUpHotpair(lab, hosts);
  // What was deployed long ago is on the disk; only what happens from now on can be lost with the power.
  await Promise.all(hosts.map((host) => host.exec(['sync'])));
  const coordinator = stack.use(
    new CoordinatorDaemon(hotpair.argv('serve'), join(lab.directory, 'coordinator.log')),
  );
  coordinator.start();
  // Before the lab, which removes the folder that the coordinator writes to.
  const end = (): void => coordinator.kill();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.prependListener(name, end);
    stack.defer(() => void process.off(name, end));
  }
  const names = hosts.map(({ name }) => name);
  const vip = stack.use(await startVipSampler(lab.prefix, names, pair.vip));
  const boot = async (host: LabHost): Promise<void> => {
    await host.boot();
    await vip.follow(host.name);
  };
  const stage: Omit<Stage, keyof AsyncDisposable> = {
    ...{ lab, hotpair, pair, coordinator, vip, ownDisks, boot },
    async restore() {
      await lab.heal();
      await Promise.all(hosts.filter(({ running }) => !running).map(boot));
      coordinator.start();
    },
    whole: (deadlineMs, end) => waitUntilSync(pair, deadlineMs, end),
  };
  await stage.whole(firstWholeMs, signal);
  const owned = stack.move();
  return { ...stage, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
