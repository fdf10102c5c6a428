/** The deploy bench: two bare hosts become a verified pair, then the same command again must change nothing. */

import { startLab } from '../test/lab/lab.ts';
import { monotonicMs } from '../test/lab/load/clock.ts';
import { changedOf, type LabCoordinator, makeLabCoordinator } from '../test/support/lab-coordinator.ts';
import { readGeneralLog, startGeneralLog, touchedFiles, writingStatements } from './second-deploy.ts';

export interface DeployResult {
  readonly run: number;
  /** From bare hosts (sshd and nothing of ours), the agents' installation included. */
  readonly deployMs: number;
  readonly redeployMs: number;
  /** What the second deploy says it changed. */
  readonly redeployChanged: number;
  /** What the hosts say: files with a later change time, and statements of the general log that write. */
  readonly touchedFiles: readonly string[];
  readonly writingStatements: readonly string[];
}

export interface DeployDocument {
  readonly bench: 'deploy';
  readonly results: readonly DeployResult[];
}

export async function benchDeploy(
  runs: number,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<DeployDocument> {
  const results: DeployResult[] = [];
  for (let run = 1; run <= runs; run += 1) {
    signal.throwIfAborted();
    const result = await deployOnce(run, log, signal);
    results.push(result);
    const seconds = (ms: number): string => (ms / 1000).toFixed(2);
    log(`deploy ${run}/${runs}: ${seconds(result.deployMs)} s, again: ${seconds(result.redeployMs)} s`);
  }
  return { bench: 'deploy', results };
}

async function deployOnce(
  run: number,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<DeployResult> {
  await using lab = await startLab({ image: 'bare', log, signal });
  const hosts = [lab.host('db1'), lab.host('db2')] as const;
  const hotpair = makeLabCoordinator(lab, { application: true });
  const first = await timedDeploy(hotpair);
  await Promise.all(hosts.map(startGeneralLog));
  const second = await timedDeploy(hotpair);
  return {
    run,
    deployMs: first.ms,
    redeployMs: second.ms,
    redeployChanged: second.changed,
    touchedFiles: (await Promise.all(hosts.map(touchedFiles))).flat(),
    writingStatements: (await Promise.all(hosts.map(readGeneralLog))).flatMap(writingStatements),
  };
}

/** One `coordinator deploy`, start of the process to its end. */
export async function timedDeploy(hotpair: LabCoordinator): Promise<{ ms: number; changed: number }> {
  const startedAt = monotonicMs();
  const document = await hotpair.documentOf('deploy', '--yes');
  return { ms: monotonicMs() - startedAt, changed: changedOf(document) };
}
