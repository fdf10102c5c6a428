/** The newest record of a pair that its guards tell of. Pure. */

import type { VotingState } from '../../shared/model/facts.ts';
import type { HostState } from './host-state.ts';

export interface KnownRecord {
  readonly host: string;
  readonly voting: VotingState;
}

/** Of the hosts that answer, the one whose guard knows the highest epoch; null while none knows one. */
export function newestRecord(hosts: readonly HostState[]): KnownRecord | null {
  const told = hosts.flatMap(({ name, reachable, heartbeat }): KnownRecord[] => {
    const voting = heartbeat?.guard?.voting ?? null;
    return !reachable || voting === null || voting.epoch === null ? [] : [{ host: name, voting }];
  });
  return told.toSorted((a, b) => (b.voting.epoch ?? 0) - (a.voting.epoch ?? 0))[0] ?? null;
}
