/** The demo from bare hosts to the last figure. Whatever it says was measured in this run. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { changedOf, type LabCoordinator, makeLabCoordinator } from '../../support/lab-coordinator.ts';
import { type Lab, startLab } from '../lab.ts';
import { monotonicMs } from '../load/clock.ts';
import { createMarkerTable, holderOf, type PairUnderTest } from '../load/pair-under-test.ts';
import { type FaultFigures, playFaults } from './faults-act.ts';
import { show, startDaemon } from './processes.ts';
import { type Story, seconds } from './story.ts';

export interface DemoSummary extends FaultFigures {
  readonly deploySeconds: number;
  readonly redeploySeconds: number;
  readonly redeployChanged: number;
}

export interface Demo extends AsyncDisposable {
  readonly lab: Lab;
  readonly summary: DemoSummary;
}

const named = 'demo';

/** Tells a demo's run from those of tests and benchmarks. */
function demoPrefix(): string {
  return `${named}${randomBytes(2).toString('hex')}`;
}

export function isDemo(prefix: string): boolean {
  return prefix.startsWith(named);
}

export async function playDemo(story: Story, signal: AbortSignal): Promise<Demo> {
  await using stack = new AsyncDisposableStack();
  story.chapter('Two bare hosts');
  const lab = stack.use(await startLab({ prefix: demoPrefix(), image: 'bare', log: story.line, signal }));
  const hosts = [lab.host('db1'), lab.host('db2')] as const;
  const places = hosts.map(({ name, address }) => `${name} ${address}`).join(' and ');
  story.line(`${places}: Debian 12 with systemd and sshd, nothing else.`);
  const coordinator = makeLabCoordinator(lab, { application: true });
  const deploySeconds = await playDeploy(coordinator, story, signal);
  story.chapter('The daemon watches, and is the third vote');
  story.command('coordinator serve');
  const log = join(lab.directory, 'serve.log');
  const daemon = stack.use(startDaemon('coordinator serve', coordinator.argv('serve'), log, signal));
  const { account } = coordinator;
  const pair: PairUnderTest = {
    ...{ name: 'hotpair', hosts, vip: lab.vip, account, readOnlyStandby: true },
    markerTable: `${account.database}.load_marker`,
    repair: async () => undefined,
  };
  await createMarkerTable(await holderOf(pair), pair.markerTable);
  const figures = await playFaults({ lab, pair, coordinator, story, signal });
  daemon.assertRunning();
  story.chapter('What the coordinator says about it');
  await show('status', coordinator.argv('status'), story, signal);
  const redeploy = await playRedeploy(coordinator, story);
  daemon.assertRunning();
  const kept = stack.move();
  return {
    lab,
    summary: { deploySeconds, ...redeploy, ...figures },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function playDeploy(coordinator: LabCoordinator, story: Story, signal: AbortSignal): Promise<number> {
  story.chapter('One file, one command');
  story.line('hotpair.yaml:');
  story.verbatim(readFileSync(coordinator.file, 'utf8').trimEnd().replaceAll(/^/gm, '  '));
  const startedAt = monotonicMs();
  await show('deploy --yes', coordinator.argv('deploy', '--yes'), story, signal);
  const ms = monotonicMs() - startedAt;
  story.figure(seconds(ms), 'from bare hosts to a verified pair, the installation of the agents included');
  return rounded(ms);
}

async function playRedeploy(coordinator: LabCoordinator, story: Story) {
  story.chapter('The same command again changes nothing');
  story.command('coordinator deploy --yes');
  const startedAt = monotonicMs();
  const redeployChanged = changedOf(await coordinator.documentOf('deploy', '--yes'));
  const ms = monotonicMs() - startedAt;
  story.figure(
    seconds(ms),
    `for a whole deploy of a pair that is as it should be: ${redeployChanged} changes`,
  );
  return { redeploySeconds: rounded(ms), redeployChanged };
}

/** Seconds with two decimals. */
function rounded(ms: number): number {
  return Math.round(ms / 10) / 100;
}
