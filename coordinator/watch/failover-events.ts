/** From two successive pictures of a pair to the events between them: the rows of host-rows.ts and pair-rows.ts, applied. Pure. */

import type { EventKind } from '../store/event-kinds.ts';
import type { NewEvent } from '../store/event-log.ts';
import type { EventText } from './event-words.ts';
import { HOST_ROWS, type HostChange } from './host-rows.ts';
import { PAIR_ROWS } from './pair-rows.ts';
import type { PairState } from './pair-state.ts';
import { gapOf, type Stamp, type VipAbsence } from './vip-absence.ts';

/** What can be told of a host before hotpair is on it. */
const BEFORE_DEPLOY: readonly EventKind[] = ['AgentLost', 'AgentBack'];

/**
 * In the order in which people read them: what happened to the hosts, then the pair, then what follows from it.
 * `skewMs` is what the clock of the pictures lacks to the wall clock, by which history is kept.
 */
export function decideEvents(before: PairState, after: PairState, skewMs = 0): NewEvent[] {
  const ofHosts = hostChanges(before, after).flatMap((change) =>
    HOST_ROWS.filter((row) => after.deployed || BEFORE_DEPLOY.includes(row.kind))
      .filter((row) => row.when(change))
      .map((row) => toEvent({ pair: after.pair, host: change.after.name, skewMs }, row, row.say(change))),
  );
  const ofPair = PAIR_ROWS.filter((row) => after.deployed && row.when(before, after)).map((row) => {
    const { host = null, ...text } = row.say(before, after);
    return toEvent({ pair: after.pair, host, skewMs }, row, text);
  });
  const isRole = (event: NewEvent): boolean => event.kind === 'RoleChanged';
  return [...ofHosts.filter((event) => !isRole(event)), ...ofPair, ...ofHosts.filter(isRole)];
}

function hostChanges(before: PairState, after: PairState): HostChange[] {
  const [a, b] = after.hosts;
  return [
    { before: before.hosts[0], after: a, peer: b },
    { before: before.hosts[1], after: b, peer: a },
  ];
}

function toEvent(
  { pair, host, skewMs }: { readonly pair: string; readonly host: string | null; readonly skewMs: number },
  row: { readonly id: string; readonly kind: EventKind },
  { message, data, absence }: EventText,
): NewEvent {
  return {
    pair,
    host,
    kind: row.kind,
    message,
    data: { row: row.id, ...data, ...absenceData(absence, skewMs) },
  };
}

/** `told` stays when more is known: what heartbeats said is the bound of what decisions can say. */
function absenceData(absence: VipAbsence | null | undefined, skewMs: number): Record<string, unknown> {
  if (absence === undefined || absence === null) return {};
  const onWallClock = <T extends Stamp | null>(stamp: T): T =>
    stamp === null ? stamp : { ...stamp, at: Math.round(stamp.at + skewMs) };
  const told = { began: onWallClock(absence.began), ended: onWallClock(absence.ended) };
  const { began, ended } = gapOf(told);
  return { began, ended, told };
}
