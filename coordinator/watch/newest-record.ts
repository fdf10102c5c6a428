/** The newest record of a pair that its guards tell of. Pure. */

import type { VotingState } from '../../shared/model/facts.ts';
import type { HostState } from './host-state.ts';

export interface KnownRecord {
  readonly host: string;
  readonly voting: VotingState;
}

/** Of the hosts that answer, the one whose guard knows the highest epoch; null while none knows one. */
export function newestRecord(hosts: readonly HostState[]): KnownRecord | null {
  let newest: KnownRecord | null = null;
  for (const { name, reachable, heartbeat } of hosts) {
    const voting = heartbeat?.guard?.voting ?? null;
    if (!reachable || voting === null || voting.epoch === null) continue;
    if (newest === null || voting.epoch > (newest.voting.epoch ?? 0)) newest = { host: name, voting };
  }
  return newest;
}
