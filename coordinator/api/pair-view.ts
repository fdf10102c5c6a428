/** A pair as programs and the console see it, from the watcher's picture and the history. Pure. */

import type { HostView, PairDetail, PairSummary } from '../../shared/api/pair-view.ts';
import { DEFAULT_OUTAGE_BUDGET } from '../../shared/model/outage-budget.ts';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { sentencesOf } from '../report/findings.ts';
import { pairHeadline } from '../report/headline.ts';
import { failoversOf, judgePair } from '../report/health.ts';
import type { HostReading } from '../report/health-report.ts';
import { CHINESE } from '../report/words-zh.ts';
import type { StoredEvent } from '../store/event-log.ts';
import type { HostState } from '../watch/host-state.ts';
import { newestRecord } from '../watch/newest-record.ts';
import type { PairState } from '../watch/pair-state.ts';
import { viewHost } from './host-view.ts';
import { modeOf, positionGap, primaryOf } from './pair-facts.ts';

export interface PairMemory {
  /** Of the last OUTAGE_DAYS days, oldest first: moves and returns of the VIP, and drills. */
  readonly events: readonly StoredEvent[];
  readonly lastDrill: number | null;
  readonly modeSince: number | null;
  /** Commits a second by host. */
  readonly rate: (host: string) => number | null;
}

/** How far back outages are kept at hand. */
export const OUTAGE_DAYS = 30;
const DAY_MS = 86_400_000;
const WITNESS = 'witness';

export function viewPair(spec: PairSpec, state: PairState, memory: PairMemory): PairDetail {
  const { now, summary, findings, outages } = basisOf(spec, state, memory);
  const views = state.hosts.map((host) => viewHost(host, addressOf(spec, host), memory.rate(host.name), now));
  return {
    ...summary,
    ...{
      time: now,
      vipMissing: state.missing,
      vipDuplicated: state.duplicated,
      twoWriters: state.twoWriters,
    },
    epoch: newestRecord(state.hosts)?.voting.epoch ?? null,
    ...{ votes: votesOf(state), links: linksOf(state), gtidGap: positionGap(state) },
    hosts: views as [HostView, HostView], // Made from the two hosts of the state.
    attention: findings,
    outages: outagesOf(spec, outages, now),
    lastDrill: memory.lastDrill,
  };
}

/** What lists show: of a thousand pairs it is worked out twice a second each while somebody looks. */
export function summarizePair(spec: PairSpec, state: PairState, memory: PairMemory): PairSummary {
  return basisOf(spec, state, memory).summary;
}

function basisOf(spec: PairSpec, state: PairState, memory: PairMemory) {
  const now = Math.round(state.time);
  const { findings, ...verdict } = judge(spec, state, now);
  const primary = primaryOf(state);
  const standby = state.hosts.find((host) => host !== primary) ?? null;
  const outages = failoversOf(memory.events).filter((one) => !one.drill);
  const summary: PairSummary = {
    ...{ name: spec.name, ...verdict, findings: findings.length, deployed: state.deployed },
    vip: `${spec.vip}/${spec.vipPrefix}`,
    ...{ vipHolder: state.missing ? null : state.holder, primary: primary?.name ?? null },
    hostNames: [spec.hosts[0].name, spec.hosts[1].name],
    ...{ protection: spec.protection, mode: modeOf(state), modeSince: memory.modeSince },
    lagSeconds: primary === null ? null : (standby?.heartbeat?.database.channel?.secondsBehind ?? null),
    commitsPerSecond: primary === null ? null : memory.rate(primary.name),
    lastOutage: outages.at(-1)?.time ?? null,
  };
  return { now, summary, findings, outages };
}

/** What clients missed in the days of the budget. */
function outagesOf(
  { outageBudget = DEFAULT_OUTAGE_BUDGET }: PairSpec,
  outages: readonly { readonly time: number; readonly gapMs: number | null }[],
  now: number,
): PairDetail['outages'] {
  const { days, allowedMs } = outageBudget;
  const counted = outages.filter(({ time }) => time >= now - days * DAY_MS);
  const totalMs = Math.round(counted.reduce((sum, { gapMs }) => sum + (gapMs ?? 0), 0));
  return { days, count: counted.length, totalMs, allowedMs };
}

function addressOf(spec: PairSpec, host: HostState): string {
  return spec.hosts.find(({ name }) => name === host.name)?.address ?? '';
}

type Judgement = Pick<PairDetail, 'grade' | 'headline' | 'translations'> & {
  findings: PairDetail['attention'];
};

/** By the rules of the health report, on this moment: an outage that is over is told beside the grade, not in it. */
function judge(spec: PairSpec, state: PairState, now: number): Judgement {
  if (!state.deployed && state.holder === null)
    return {
      grade: 'undeployed',
      headline: `${spec.name} is not deployed yet: coordinator deploy ${spec.name}.`,
      translations: { zh: { headline: `${spec.name} 尚未部署：coordinator deploy ${spec.name}。` } },
      findings: [],
    };
  const [a, b] = state.hosts;
  const judged = judgePair(
    {
      ...{ pair: spec, period: { from: now, to: now }, runs: [], events: [] },
      hosts: [readingOf(spec, a), readingOf(spec, b)],
    },
    now,
  );
  const { grade, headline, findings } = judged;
  return {
    ...{ grade, headline, translations: { zh: { headline: pairHeadline(judged, CHINESE) } } },
    findings: findings.map((finding) => {
      const { rule, severity, subject, detail, remedy } = finding;
      const translations = { zh: sentencesOf(CHINESE.findings, finding) };
      return { rule, severity, subject, detail, remedy, translations };
    }),
  };
}

function readingOf(spec: PairSpec, host: HostState): HostReading {
  const heard = host.reachable && host.heartbeat !== null;
  return {
    ...{ name: host.name, address: addressOf(spec, host), receivedAt: host.heardAt },
    heartbeat: heard ? host.heartbeat : null,
    error: heard ? null : 'its agent is silent.',
  };
}

function votesOf(state: PairState): PairDetail['votes'] {
  const record = newestRecord(state.hosts);
  const votes = record?.voting.votes ?? null;
  const weight = (name: string): number | null =>
    votes === null ? null : name === record?.host ? votes.own : votes.peer;
  return [
    ...state.hosts.map(({ name }) => ({ voter: name, weight: weight(name) })),
    { voter: WITNESS, weight: votes?.witness ?? null },
  ];
}

function linksOf({ hosts: [a, b] }: PairState): PairDetail['links'] {
  const pairs = [
    { host: a, peer: b },
    { host: b, peer: a },
  ];
  return pairs.flatMap(({ host, peer }) => {
    const voting = host.reachable ? (host.heartbeat?.guard?.voting ?? null) : null;
    const hears = voting?.hears ?? null;
    // Who serves asks the witness for its lease, time and again; a standby asks when it votes, and hears nothing else.
    const asks = voting?.leased === true;
    return [
      { from: host.name, to: peer.name, up: hears?.peer ?? null },
      { from: host.name, to: WITNESS, up: hears?.witness === true || (asks ? false : null) },
    ];
  });
}
