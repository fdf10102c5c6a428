/** The demo from bare hosts to the last figure. Whatever it says was measured in this run. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, startLab } from '../lab.ts';
import { monotonicMs } from '../load/clock.ts';
import type { PairUnderTest } from '../load/pair-under-test.ts';
import { createMarkerTable, holderOf } from '../load/pair-under-test.ts';
import { type FailoverOutcome, playFailover } from './failover-act.ts';
import { changedOf, type HotpairInLab, placeHotpair } from './hotpair-in-lab.ts';
import { type Daemon, show, startDaemon } from './processes.ts';
import { type Story, seconds } from './story.ts';

export interface DemoSummary extends FailoverOutcome {
  readonly deploySeconds: number;
  readonly redeploySeconds: number;
  readonly redeployChanged: number;
}

export interface Demo extends AsyncDisposable {
  readonly lab: Lab;
  readonly hotpair: HotpairInLab;
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
  story.chapter('Two bare hosts');
  const lab = await startLab({ prefix: demoPrefix(), image: 'bare', log: story.line, signal });
  const stack = new AsyncDisposableStack();
  try {
    stack.use(lab);
    const hosts = [lab.host('db1'), lab.host('db2')] as const;
    const hotpair = placeHotpair(lab, hosts, 'orders');
    story.line(
      `${hosts.map(({ name, address }) => `${name} ${address}`).join(' and ')}: Debian 12 with systemd and sshd, nothing else.`,
    );
    const deploySeconds = await playDeploy(hotpair, story, signal);
    const daemon = stack.use(startWatch(lab, hotpair, story, signal));
    const pair: PairUnderTest = {
      name: 'hotpair',
      hosts,
      vip: lab.vip,
      account: hotpair.account,
      readOnlyStandby: true,
      markerTable: `${hotpair.account.database}.load_marker`,
      repair: async () => undefined,
    };
    await createMarkerTable(await holderOf(pair), pair.markerTable);
    const outcome = await playFailover(lab, pair, story, signal);
    daemon.assertRunning();
    story.chapter('What the coordinator says about it');
    await showCoordinator(hotpair, ['status'], story, signal);
    const redeploy = await playRedeploy(hotpair, story);
    daemon.assertRunning();
    const summary = { deploySeconds, ...redeploy, ...outcome };
    const kept = stack.move();
    return { lab, hotpair, summary, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function playDeploy(hotpair: HotpairInLab, story: Story, signal: AbortSignal): Promise<number> {
  story.chapter('One file, one command');
  story.line('hotpair.yaml:');
  story.verbatim(readFileSync(hotpair.configFile, 'utf8').trimEnd().replaceAll(/^/gm, '  '));
  const startedAt = monotonicMs();
  await showCoordinator(hotpair, ['deploy', '--yes'], story, signal);
  const ms = monotonicMs() - startedAt;
  story.figure(seconds(ms), 'from bare hosts to a verified pair, the installation of the agents included');
  return rounded(ms);
}

function startWatch(lab: Lab, hotpair: HotpairInLab, story: Story, signal: AbortSignal): Daemon {
  story.chapter('The daemon watches');
  const logFile = join(lab.directory, 'serve.log');
  story.command('coordinator serve');
  return startDaemon('coordinator serve', hotpair.argv(['serve']), logFile, signal);
}

async function showCoordinator(
  hotpair: HotpairInLab,
  args: readonly string[],
  story: Story,
  signal: AbortSignal,
): Promise<void> {
  story.command(`coordinator ${args.join(' ')}`);
  story.pause();
  await show(`coordinator ${args.join(' ')}`, hotpair.argv(args), signal);
}

async function playRedeploy(hotpair: HotpairInLab, story: Story) {
  story.chapter('The same command again changes nothing');
  story.command('coordinator deploy --yes');
  const startedAt = monotonicMs();
  const redeployChanged = changedOf(await hotpair.json(['deploy', '--yes']));
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
