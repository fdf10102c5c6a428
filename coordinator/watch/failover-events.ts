/** From two successive pictures of a pair to the events between them: the rows of host-rows.ts and pair-rows.ts, applied. Pure. */

import type { EventKind } from '../store/event-kinds.ts';
import type { NewEvent } from '../store/event-log.ts';
import type { EventText } from './event-words.ts';
import { HOST_ROWS, type HostChange } from './host-rows.ts';
import { PAIR_ROWS } from './pair-rows.ts';
import type { PairState } from './pair-state.ts';

/** What can be told of a host before hotpair is on it. */
const BEFORE_DEPLOY: readonly EventKind[] = ['AgentLost', 'AgentBack'];

/** In the order in which people read them: what happened to the hosts, then the pair, then what follows from it. */
export function decideEvents(before: PairState, after: PairState): NewEvent[] {
  const ofHosts = hostChanges(before, after).flatMap((change) =>
    HOST_ROWS.filter((row) => after.deployed || BEFORE_DEPLOY.includes(row.kind))
      .filter((row) => row.when(change))
      .map((row) => toEvent(after.pair, row, row.say(change), change.after.name)),
  );
  const ofPair = PAIR_ROWS.filter((row) => after.deployed && row.when(before, after)).map((row) => {
    const { host = null, ...text } = row.say(before, after);
    return toEvent(after.pair, row, text, host);
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
  pair: string,
  row: { readonly id: string; readonly kind: EventKind },
  text: EventText,
  host: string | null,
): NewEvent {
  return { pair, host, kind: row.kind, message: text.message, data: { row: row.id, ...text.data } };
}
