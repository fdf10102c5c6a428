/** What a guard does that leaves its host for good: it closes, and as a primary it hands over what it holds. Pure. */

import type { Effect } from '../../shared/pair/effects.ts';
import type { NodeState } from '../../shared/pair/node-state.ts';
import { VOTERS } from '../../shared/pair/weights.ts';

export const CLOSING: readonly Effect[] = [{ kind: 'fence-close' }, { kind: 'permit', allowed: false }];

/** After CLOSING: the server of a primary is killed before its lease is released. */
export function planLeave({ id, lease }: NodeState): Effect[] {
  const { boot, seq } = lease.stamp;
  const stamp = { boot, seq: seq + 1 };
  const request = { kind: 'release', by: id, stamp, handover: null } as const;
  const others = VOTERS.filter((voter) => voter !== id);
  const releases = others.map((to) => ({ kind: 'send', to, message: { kind: 'request', request } }) as const);
  return [{ kind: 'server-kill' }, ...releases];
}
