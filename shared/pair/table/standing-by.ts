/** How a standby becomes promotable and stays so, and when it begins to take over. */

import { appliedOf, type Context } from '../context.ts';
import { takeOver } from '../record.ts';
import { canBallot, isReceived, isRunning, isTakenOut } from './conditions.ts';
import { type Row, STANDBY } from './row.ts';

export const STANDING_BY: readonly Row[] = [
  {
    id: 'S2',
    from: STANDBY,
    to: ['NEEDS_REPAIR'],
    // Before S1: a server whose applier failed says that it does not run, and would start over for ever.
    when: ({ f }) => f.server === 'up' && f.sqlError,
    act: () => ({
      to: 'NEEDS_REPAIR',
      patch: { promotable: false },
      effects: [{ kind: 'alarm', text: 'applier error' }],
    }),
    reason: 'The applier stopped with an error.',
  },
  {
    id: 'S8',
    from: STANDBY,
    to: ['REJOINING'],
    when: ({ f, theirs }) => theirs && f.server === 'up' && f.diskFull,
    act: () => ({
      to: 'REJOINING',
      patch: { promotable: false, proof: null },
      effects: [{ kind: 'server-kill' }],
      beat: true,
    }),
    reason:
      'There is no room for what the primary sends: the server is killed, and starts when there is room again.',
  },
  {
    id: 'S1',
    from: STANDBY,
    to: ['REJOINING'],
    when: (c) => c.theirs && (c.f.server !== 'up' || !c.f.ioRunning || !c.f.sqlRunning),
    act: () => ({ to: 'REJOINING', patch: { promotable: false, proof: null }, beat: true }),
    reason: 'Server or replication stopped: what was received may be gone, the node starts over.',
  },
  {
    id: 'S3',
    from: ['STANDBY_READY'],
    to: ['STANDBY_CATCHUP'],
    when: ({ s, f }) => s.proof?.threads !== f.threads,
    act: () => ({ to: 'STANDBY_CATCHUP', patch: { promotable: false, proof: null }, beat: true }),
    reason: 'The replication threads were restarted: what was received may be gone (I5).',
  },
  {
    id: 'S7',
    from: ['STANDBY_READY'],
    to: ['STANDBY_CATCHUP'],
    when: isTakenOut,
    act: () => ({ to: 'STANDBY_CATCHUP', patch: { promotable: false }, beat: true }),
    reason: 'An operator takes this node out: it is not promotable, the primary goes on alone.',
  },
  {
    id: 'S10',
    from: ['STANDBY_READY'],
    to: ['STANDBY_CATCHUP'],
    when: ({ s, f, theirs }) => theirs && s.decided?.mode === 'solo' && !f.streaming,
    act: () => ({ to: 'STANDBY_CATCHUP', patch: { promotable: false, proof: null }, beat: true }),
    reason:
      'The primary goes on alone, and nothing comes from it: this node falls behind until it is connected.',
  },
  {
    id: 'S4',
    from: ['STANDBY_CATCHUP'],
    to: ['STANDBY_READY'],
    when: (c) =>
      c.theirs && !isTakenOut(c) && isRunning(c) && c.f.streaming && c.f.ackPathOpen && isReceived(c),
    act: () => ({ to: 'STANDBY_READY', patch: { promotable: true } }),
    reason: 'All that the primary had after these threads began is received: the node may be promoted (I5).',
  },
  {
    id: 'S5',
    from: ['STANDBY_READY'],
    to: ['PROMOTING'],
    when: (c) =>
      canBallot(c) &&
      c.s.promotable &&
      isRunning(c) &&
      !isHeldBack(c) &&
      (c.s.primaryAt === null || c.now - c.s.primaryAt >= c.timing.suspectMs) &&
      c.s.decided !== null &&
      takeOver(c.s.decided, c.s.id, c.s.highest + 1) !== null &&
      takeOver(c.s.seen, c.s.id, c.s.highest + 1) !== null,
    act: () => ({ to: 'PROMOTING', propose: 'promote' }),
    reason:
      'The primary released its lease or is silent, and SYNC is recorded: the voters are asked for a promise.',
  },
  {
    id: 'S6',
    from: ['STANDBY_READY'],
    to: [],
    when: ({ s, f, theirs, peerFresh }) =>
      theirs && peerFresh && s.peer?.beat.leaving === true && appliedOf(f) > s.toldApplied,
    act: () => ({ beat: true }),
    reason: 'The primary hands over and waits for this: it is told at once what is applied.',
  },
  {
    id: 'S9',
    from: STANDBY,
    to: [],
    when: ({ s, f, theirs }) => theirs && f.relaySynced !== (s.decided?.mode === 'sync'),
    act: ({ s }) => ({ effects: [{ kind: 'relay-sync', on: s.decided?.mode === 'sync' }] }),
    reason:
      'What is received is synced in SYNC; in SOLO nothing rests on it, and the node catches up faster.',
  },
];

/**
 * The server of a primary that took over a moment ago died, but its host lives: it starts again where it is, so that a
 * server that dies again and again does not make the address go to and fro.
 */
function isHeldBack({ s, now, timing, peerFresh }: Context): boolean {
  const planned = s.handover !== null && s.handover.epoch === s.decided?.epoch;
  return s.primaryAt === null && !planned && peerFresh && now - s.tookOverAt < timing.failoverMs;
}
