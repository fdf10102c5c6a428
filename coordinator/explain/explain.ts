/** Tells in a few lines what the guards decided around an event, and why nothing acknowledged is missing. Pure. */

import { localTime } from '../report/units.ts';
import type { StoredDecision } from '../store/decisions.ts';
import type { StoredEvent } from '../store/event-log.ts';
import { findTakeover, type Takeover } from './takeover.ts';
import { ENGLISH, type ExplanationWords } from './words.ts';

export interface ExplainInput {
  readonly event: StoredEvent;
  /** Of the pair, around the event, each in order of time. */
  readonly events: readonly StoredEvent[];
  readonly decisions: readonly StoredDecision[];
  /** Names of the hosts of the pair, in the order of its file: A and B. */
  readonly hosts: readonly [string, string];
  /** English where absent; the event's message comes in the language of the caller. */
  readonly words?: ExplanationWords;
}

export interface Explanation {
  /** What belongs together, in order of time. */
  readonly decisions: readonly StoredDecision[];
  readonly takeover: Takeover | null;
  readonly lines: readonly string[];
}

/** How far around an event decisions and events are looked for. */
export const EXPLAIN_MS = { before: 60_000, after: 30_000 } as const;
/** Decisions that follow each other within this time belong to the same happening. */
const PAUSE_MS = 5000;
/** What the former primary decided so shortly before a takeover led to it. */
const LEAD_MS = 3000;
const MOST_LINES = 9;

export function explain(input: ExplainInput): Explanation {
  const { event, events, words = ENGLISH } = input;
  const run = happening(input.decisions, event.time);
  const takeover = findTakeover(run, events, event.time);
  const decisions = takeover === null ? run : untilNext(run, takeover.begun);
  const shown = select(decisions, takeover, event.time);
  const head = words.head({ ...event, time: localTime(event.time, undefined) });
  if (decisions.length === 0) return { decisions, takeover, lines: [head, words.noDecisions] };
  const end = takeover === null ? [words.noTakeover] : takeoverLines(takeover, input.hosts, words);
  return {
    ...{ decisions, takeover },
    lines: [head, ...decisionLines(shown, words), ...restLines(decisions, shown, words), ...end],
  };
}

/** The run of decisions without a long pause that is nearest to the time. */
function happening(decisions: readonly StoredDecision[], time: number): StoredDecision[] {
  const runs: StoredDecision[][] = [];
  for (const one of decisions) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run === undefined || last === undefined || one.time - last.time > PAUSE_MS) runs.push([one]);
    else run.push(one);
  }
  const distance = (run: readonly StoredDecision[]): number =>
    Math.max((run[0]?.time ?? 0) - time, time - (run.at(-1)?.time ?? 0), 0);
  return runs.toSorted((a, b) => distance(a) - distance(b))[0] ?? [];
}

/** To the next takeover: that is a story of its own. */
function untilNext(run: readonly StoredDecision[], begun: StoredDecision): readonly StoredDecision[] {
  const next = run.findIndex((one, index) => one.decision.row === 'S5' && index > run.indexOf(begun));
  return next < 0 ? run : run.slice(0, next);
}

/** From what led to a takeover to its end; else those nearest before the event. */
function select(
  decisions: readonly StoredDecision[],
  takeover: Takeover | null,
  time: number,
): readonly StoredDecision[] {
  const end = takeover?.opened ?? null;
  const last = end === null ? decisions.findLastIndex((one) => one.time <= time) : decisions.indexOf(end);
  const from = (takeover?.begun.time ?? 0) - LEAD_MS;
  const upTo = decisions.slice(0, last < 0 ? MOST_LINES : last + 1).filter((one) => one.time >= from);
  return upTo.slice(-MOST_LINES);
}

function decisionLines(shown: readonly StoredDecision[], words: ExplanationWords): string[] {
  const phases = shown.map(({ decision: { from, to } }) => (from === to ? to : `${from} → ${to}`));
  const width = Math.max(...phases.map((phase) => phase.length));
  const hosts = Math.max(...shown.map(({ host }) => host.length));
  return shown.map(({ host, time, decision }, index) =>
    [
      ...[clock(time), host.padEnd(hosts), decision.row.padEnd(2), (phases[index] ?? '').padEnd(width)],
      ...[words.epoch(decision.epoch), words.reason(decision)],
    ].join('  '),
  );
}

const clock = (time: number): string =>
  `${localTime(time, undefined).slice(11)}.${String(time % 1000).padStart(3, '0')}`;

function restLines(
  decisions: readonly StoredDecision[],
  shown: readonly StoredDecision[],
  words: ExplanationWords,
): string[] {
  const rest = decisions.slice(decisions.indexOf(shown.at(-1) as StoredDecision) + 1);
  const last = rest.at(-1);
  if (last === undefined) return [];
  const hosts = [...new Set(rest.map(({ host }) => host))].sort();
  const now = hosts.map(
    (name) => [name, String(rest.findLast(({ host }) => host === name)?.decision.to)] as const,
  );
  return [words.rest(clock(last.time), rest.length, now)];
}

function takeoverLines(
  takeover: Takeover,
  hosts: readonly [string, string],
  words: ExplanationWords,
): string[] {
  const { host, ballot, opened, phases } = takeover;
  const names: Readonly<Record<string, string>> = { A: hosts[0], B: hosts[1], W: words.witness };
  const [promised, accepted] = [takeover.promised, takeover.accepted].map((voters) =>
    voters.map((voter) => names[voter] ?? voter),
  );
  return [
    ...(opened === null ? [words.unfinished(host)] : []),
    words.votes(ballot, promised ?? [], accepted ?? []),
    words.phases(host, phases),
    proofLine(takeover, words),
  ];
}

function proofLine({ host, proof }: Takeover, words: ExplanationWords): string {
  if (proof === null) return words.unasked(host);
  return proof.complete ? words.proven(host, proof) : words.unproven(host, proof);
}
