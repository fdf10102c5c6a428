/**
 * A failover step by step: the time line as steps with their distance from the loss, and what the pair looked like after
 * each of them, as far as those who saw it have told. Pure.
 */

import type { OutageDetail, TimelineEntry } from '../../../shared/api/history.ts';
import type { HostPicture, HostRole, PairPicture } from './picture.ts';

export interface ReplayStep {
  readonly entry: TimelineEntry;
  /** From the beginning of the outage, ms; negative before it. */
  readonly offsetMs: number;
  /** Since the step before, ms. */
  readonly pauseMs: number;
  readonly part: 'before' | 'outage' | 'after';
}

export function replaySteps({ outage, timeline }: OutageDetail): ReplayStep[] {
  const { ended } = outage;
  const began = outage.began ?? ended;
  return timeline.map((entry, index) => ({
    ...{ entry, offsetMs: entry.time - began },
    pauseMs: entry.time - (timeline[index - 1]?.time ?? entry.time),
    part: entry.time < began ? 'before' : entry.time <= ended ? 'outage' : 'after',
  }));
}

/** Where a replay begins: just before the outage, or at the first step of all. */
export function firstStep(steps: readonly ReplayStep[]): number {
  const during = steps.findIndex(({ part }) => part !== 'before');
  return Math.max(0, during);
}

/** Who saw or decided something, in the order of the hosts, then the coordinator. */
export function observersOf(hosts: readonly string[], steps: readonly ReplayStep[]): string[] {
  const seen = new Set(steps.map(({ entry }) => entry.observer));
  return [...hosts.filter((host) => seen.has(host)), ...[...seen].filter((one) => !hosts.includes(one))];
}

/** How long to stay at a step: as long as it took, within what people can follow. */
export function stayMs(next: ReplayStep | undefined, speed: number): number {
  return Math.min(1800, Math.max(500, (next?.pauseMs ?? 0) * 4)) / speed;
}

interface Told {
  readonly phase: string | null;
  readonly server: HostPicture['server'];
  readonly silent: boolean;
}

/** What the pair looked like after the step `at`. What nobody had told by then is taken from the outage itself. */
export function pictureAt(
  { outage, timeline }: OutageDetail,
  at: number,
  about: { readonly hosts: readonly [string, string]; readonly addresses: readonly [string, string] },
  vip: string,
): PairPicture {
  const past = timeline.slice(0, at + 1);
  const told = about.hosts.map((host) => toldOf(host, past, timeline.slice(at + 1)));
  const holder = holderAt(past, outage.from);
  const record = past.findLast(({ mode }) => mode !== null);
  const host = (index: 0 | 1): HostPicture => {
    const { phase, server, silent } = told[index] ?? { phase: null, server: 'unknown', silent: false };
    return {
      ...{
        name: about.hosts[index],
        address: about.addresses[index],
        phase,
        server,
        vote: null,
        lease: null,
      },
      role: silent ? 'silent' : roleOfPhase(phase),
    };
  };
  const hosts = [host(0), host(1)] as const;
  const from = hosts[0].role === 'primary' ? 0 : hosts[1].role === 'primary' ? 1 : null;
  return {
    ...{ hosts, witnessVote: null, links: { hosts: 'unknown', witness: ['unknown', 'unknown'] } },
    vip: { address: vip, on: [holder === about.hosts[0], holder === about.hosts[1]] },
    flow: from === null ? null : { from, state: flowAt(hosts[from === 0 ? 1 : 0].phase) },
    mode: record?.mode === 'sync' || record?.mode === 'solo' ? record.mode : null,
  };
}

function toldOf(host: string, past: readonly TimelineEntry[], future: readonly TimelineEntry[]): Told {
  const own = past.filter((entry) => entry.host === host);
  const decided = own.findLast(({ toPhase }) => toPhase !== null)?.toPhase;
  const next = future.find((entry) => entry.host === host && entry.fromPhase !== null)?.fromPhase;
  const served = own.findLast(
    ({ kind, facts }) => isAboutServer(kind) || typeof facts['server'] === 'string',
  );
  const server = isAboutServer(served?.kind ?? null) ? served?.kind : served?.facts['server'];
  const heard = own.findLast(({ kind }) => kind === 'AgentLost' || kind === 'AgentBack')?.kind;
  return {
    phase: decided ?? next ?? null,
    server: server === undefined ? 'unknown' : server === 'ServerUp' || server === 'up' ? 'up' : 'down',
    silent: heard === 'AgentLost',
  };
}

const isAboutServer = (kind: string | null): boolean => kind === 'ServerDown' || kind === 'ServerUp';

/** Where the VIP was: with whoever got it last, and nowhere after its holder gave up the permit. */
function holderAt(past: readonly TimelineEntry[], first: string): string | null {
  let holder: string | null = first;
  for (const { kind, host, effects, toPhase } of past) {
    if (kind === 'VipMoved' || kind === 'VipRestored') holder = host;
    if (kind === 'VipMissing') holder = null;
    if (!effects.includes('permit')) continue;
    if (toPhase?.startsWith('PRIMARY') === true) holder = host;
    else if (holder === host) holder = null;
  }
  return holder;
}

function flowAt(phase: string | null): 'flows' | 'lags' | 'broken' | 'unknown' {
  if (phase === null) return 'unknown';
  if (phase === 'STANDBY_READY') return 'flows';
  return phase === 'STANDBY_CATCHUP' ? 'lags' : 'broken';
}

function roleOfPhase(phase: string | null): HostRole {
  if (phase === null) return 'unknown';
  if (phase.startsWith('PRIMARY')) return 'primary';
  if (phase.startsWith('STANDBY')) return 'standby';
  if (phase === 'MAINTENANCE') return 'maintenance';
  return phase === 'FENCED' || phase === 'DEMOTED' || phase === 'NEEDS_REPAIR' ? 'down' : 'changing';
}
