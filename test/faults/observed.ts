/** Everything that was seen of one run, as plain data for the judge. Times are monotonicMs(). */

import type { VotingState } from '../../shared/model/facts.ts';
import type { Ack } from '../lab/load/dual-acks.ts';
import type { NodeSample } from '../lab/load/observations.ts';
import { type VipInterval, vipOverlaps } from '../lab/load/vip-intervals.ts';
import type { StatusChange } from './status-watch.ts';

export interface Node {
  readonly name: string;
  readonly serverId: number;
}

export interface Refusal {
  readonly at: number;
  /** Code of the client library or of the server; after `connect: ` when there was no connection. */
  readonly error: string;
}

export interface Observed {
  /** The primary and the standby when the fault struck. */
  readonly a: Node;
  readonly b: Node;
  readonly struckAt: number;
  /** When all of the fault was there. */
  readonly injectedAt: number;
  readonly relentAt: number;
  /** When the last host was on and every fault ended. */
  readonly restoredAt: number;
  /** null: the pair did not get whole in time. */
  readonly wholeAt: number | null;
  /** What was wrong with it then. */
  readonly wrong: string | null;
  readonly endAt: number;
  /** Acknowledged writes of every client, in the order of their acknowledgement. */
  readonly acks: readonly Ack[];
  /** Those of the eight writers. */
  readonly writerAcks: readonly Ack[];
  /** What the eight writers were told instead of an acknowledgement. */
  readonly refusals: readonly Refusal[];
  readonly samples: readonly NodeSample[];
  readonly vip: readonly VipInterval[];
  readonly statuses: readonly StatusChange[];
}

/** How long two hosts showed the VIP at once from the fault on. */
export function twoHoldersMs({ vip, struckAt, endAt }: Observed): number {
  return vipOverlaps(vip, endAt)
    .filter(({ to }) => to > struckAt)
    .reduce((sum, { from, to }) => sum + to - Math.max(from, struckAt), 0);
}

/** What a host's guard said of the vote between two moments, its last word before them included. */
export function votingOf(observed: Observed, host: string, from: number, to: number): VotingState[] {
  const said = observed.statuses.filter((change) => change.host === host && change.at <= to);
  const before = said.findLast(({ at }) => at <= from);
  return [...(before === undefined ? [] : [before]), ...said.filter(({ at }) => at > from)].flatMap(
    ({ status }) => status.voting ?? [],
  );
}
