/** The failover bench: hotpair's pair and the how-to's, four hosts in one lab, taking turns fault by fault. */

import { type Lab, startLab } from '../test/lab/lab.ts';
import type { PairUnderTest } from '../test/lab/load/pair-under-test.ts';
import { startVipSampler } from '../test/lab/load/sampler.ts';
import { setUpBaseline } from './baseline/set-up.ts';
import { type CutResult, runCut } from './cut.ts';
import { type FailoverResult, type RunPlace, runFailover } from './failover-run.ts';
import { type FailoverFault, faultTitles } from './faults.ts';
import { setUpHotpair } from './hotpair.ts';
import type { BenchOptions } from './options.ts';
import { duration } from './table.ts';

export interface FailedRun {
  readonly system: PairUnderTest['name'];
  readonly fault: FailoverFault | 'cut';
  readonly run: number;
  readonly reason: string;
}

export interface FailoverDocument {
  readonly bench: 'failover';
  readonly results: readonly FailoverResult[];
  readonly cuts: readonly CutResult[];
  /** Runs that could not be measured; each is also a failure of the bench. */
  readonly failed: readonly FailedRun[];
}

const baselineVip = '10.88.0.20';
const hostNames = { hotpair: ['db1', 'db2'], baseline: ['old1', 'old2'] } as const;

export async function benchFailover(
  options: BenchOptions,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  const hosts = options.systems.flatMap((system) => hostNames[system]);
  await using lab = await startLab({ image: 'bare', hosts, log, signal });
  const places: RunPlace[] = [];
  try {
    for (const system of options.systems) {
      log(`setting up the ${system} pair`);
      const pair = await setUp(lab, system);
      const names = pair.hosts.map(({ name }) => name);
      places.push({ lab, pair, sampler: await startVipSampler(lab.prefix, names, pair.vip) });
    }
    return await measure(options, places, log, signal);
  } finally {
    for (const { sampler } of places) await sampler.stop();
  }
}

async function setUp(lab: Lab, system: PairUnderTest['name']): Promise<PairUnderTest> {
  const [first, second] = hostNames[system];
  const hosts = [lab.host(first), lab.host(second)] as const;
  return system === 'hotpair' ? (await setUpHotpair(lab, hosts)).pair : setUpBaseline(hosts, baselineVip);
}

async function measure(
  { faults, runs }: BenchOptions,
  places: readonly RunPlace[],
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<FailoverDocument> {
  const kept = { results: [] as FailoverResult[], cuts: [] as CutResult[], failed: [] as FailedRun[] };
  for (const { fault, run, place } of schedule(faults, runs, places)) {
    signal.throwIfAborted();
    try {
      if (fault === 'cut') kept.cuts.push(await runCut(place, run));
      else kept.results.push(await runFailover(place, fault, run));
      log(
        fault === 'cut' ? 'cut between the two database hosts: measured' : progressLine(kept.results, runs),
      );
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      kept.failed.push({ system: place.pair.name, fault, run, reason });
      log(`${fault} ${run}/${runs}, ${place.pair.name}: could not be measured: ${reason}`);
      await recover(place);
    }
  }
  return { bench: 'failover', ...kept };
}

/** Fault by fault, the pairs taking turns; the cut once, and only on the pair that makes no promise about it. */
function* schedule(faults: BenchOptions['faults'], runs: number, places: readonly RunPlace[]) {
  for (const fault of faults) {
    for (let run = 1; run <= (fault === 'cut' ? 1 : runs); run += 1) {
      for (const place of places) {
        if (fault !== 'cut' || !place.pair.readOnlyStandby) yield { fault, run, place };
      }
    }
  }
}

function progressLine(results: readonly FailoverResult[], runs: number): string {
  const result = results.at(-1);
  if (result === undefined) return '';
  const outage = duration(result.outageMs, 'no takeover');
  return `${faultTitles[result.fault]} ${result.run}/${runs}, ${result.system}: outage ${outage}, ${result.acknowledged} rows acknowledged, ${result.lost} lost`;
}

/** After a run that broke off: hosts on, faults ended, the pair put right. */
async function recover({ lab, pair, sampler }: RunPlace): Promise<void> {
  for (const host of pair.hosts) {
    await host.boot();
    await sampler.follow(host.name);
  }
  await lab.heal();
  await pair.repair().catch(() => undefined); // the next run waits for a whole pair, and says what is wrong
}
