/** How a primary goes on alone and waits for the standby again, in the order of I3. */

import type { Context } from '../context.ts';
import { canBallot, FLAPS, isFlapping, staysSolo } from './conditions.ts';
import type { Row } from './row.ts';

export const SYNC_AND_SOLO: readonly Row[] = [
  {
    id: 'D1',
    from: ['PRIMARY_SYNC'],
    to: ['PRIMARY_SOLO'],
    when: ({ s, settled }) => settled && s.decided?.mode === 'solo',
    act: ({ s, now }) => ({
      to: 'PRIMARY_SOLO',
      patch: { modeChanges: [...s.modeChanges.slice(1 - FLAPS), now], standbyLostAt: now },
      effects: [{ kind: 'semi-sync', on: false }],
    }),
    reason: 'SOLO is recorded: commits stop waiting (I3).',
  },
  {
    id: 'D3',
    from: ['PRIMARY_SYNC'],
    to: [],
    when: (c) => canBallot(c) && c.leaseValid && c.s.decided?.mode === 'sync' && staysSolo(c),
    act: () => ({ propose: 'solo' }),
    reason: 'An operator wants this node to go on alone: a majority is asked to record SOLO.',
  },
  {
    id: 'D2',
    from: ['PRIMARY_SYNC'],
    to: [],
    when: (c) =>
      canBallot(c) &&
      c.leaseValid &&
      c.protection === 'availability' &&
      (c.f.waitersMs >= c.timing.soloMs || (!c.peerReady && c.now - c.s.enteredAt >= c.timing.soloMs)),
    act: () => ({ propose: 'solo' }),
    reason:
      'The standby is lost, not promotable, or keeps commits waiting: a majority is asked to record SOLO.',
  },
  {
    id: 'U1',
    from: ['PRIMARY_SOLO'],
    to: ['PRIMARY_SYNC'],
    when: ({ s, settled }) => settled && s.decided?.mode === 'sync',
    act: ({ s, now }) => ({
      to: 'PRIMARY_SYNC',
      patch: { modeChanges: [...s.modeChanges.slice(1 - FLAPS), now] },
    }),
    reason: 'SYNC is recorded.',
  },
  {
    id: 'U2',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: (c) =>
      c.settled && c.f.semiSync && (!c.peerReady || c.f.waitersMs >= c.timing.soloMs || staysSolo(c)),
    act: ({ now }) => ({ patch: { standbyLostAt: now }, effects: [{ kind: 'semi-sync', on: false }] }),
    reason: 'The standby fell behind again before SYNC was recorded: commits stop waiting.',
  },
  {
    id: 'U3',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: (c) => c.settled && !c.f.semiSync && c.peerReady && !staysSolo(c) && !isFlapping(c) && hasKeptUp(c),
    act: () => ({ effects: [{ kind: 'semi-sync', on: true }] }),
    reason: 'The standby has kept up: commits wait for it again, before this is recorded (I3).',
  },
  {
    id: 'U4',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: (c) =>
      canBallot(c) &&
      c.settled &&
      c.leaseValid &&
      c.peerReady &&
      !staysSolo(c) &&
      c.f.semiSync &&
      c.f.sentinelAcked,
    act: () => ({ propose: 'sync' }),
    reason:
      'A commit begun after the switch was confirmed by the standby: a majority is asked to record SYNC.',
  },
];

/** What a standby kept up with before commits stopped waiting for it says nothing of what it does now. */
function hasKeptUp({ s, now, timing }: Context): boolean {
  const since = s.peer?.readySince ?? null;
  return since !== null && now - Math.max(since, s.standbyLostAt) >= timing.steadyMs;
}

/** After every other row: it only says why nothing is done. */
export const RESTING: readonly Row[] = [
  {
    id: 'U5',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: (c) => c.settled && !c.f.semiSync && c.peerReady && !staysSolo(c) && isFlapping(c),
    act: () => ({}),
    reason:
      'The standby has kept up, but this pair changed between SYNC and SOLO three times within a minute: it rests in SOLO for another one.',
  },
];
