/**
 * Both ways of replication, as the primary sees to them: what goes to the standby, and the way back from it (as in the
 * classic dual master), while both are well.
 */

import type { Context } from '../context.ts';
import type { Row } from './row.ts';

export const WAY_BACK: readonly Row[] = [
  {
    id: 'C1',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: ({ s, f, settled }) => settled && s.decided?.mode === 'solo' && !f.semiSync && f.ioRunning,
    act: () => ({
      effects: [
        { kind: 'ack-path', open: false },
        { kind: 'io-thread', on: false },
        { kind: 'ack-path', open: true },
      ],
    }),
    reason:
      'SOLO: nothing is taken from the other node before it is compared; without the path the thread stops at once.',
  },
  {
    id: 'C2',
    from: ['PRIMARY_SYNC'],
    to: [],
    when: (c) => isWayBackDue(c) && !c.f.ackPathOpen,
    act: () => ({ effects: [{ kind: 'ack-path', open: true }] }),
    reason: 'The standby is ready: the path to it is opened.',
  },
  {
    id: 'C3',
    from: ['PRIMARY_SYNC'],
    to: [],
    when: (c) => isWayBackDue(c) && !(c.f.ioRunning && c.f.sqlRunning),
    act: ({ s, now }) => ({
      patch: { wayBackAt: now },
      effects: [{ kind: 'way-back', peerHas: s.peer?.beat.applied ?? 0 }],
    }),
    reason: 'The standby is ready: the way back from it runs as well.',
  },
  {
    id: 'C4',
    from: ['PRIMARY_SOLO'],
    to: [],
    when: (c) => c.settled && c.s.decided?.mode === 'solo' && !c.f.semiSync && isStreamOfBefore(c),
    act: ({ now }) => ({ patch: { streamEndedAt: now }, effects: [{ kind: 'end-stream' }] }),
    reason:
      'SOLO: what is still on its way to the standby of before ends, or it would hold up the next stream.',
  },
];

/**
 * A host that lost its power neither acknowledges nor refuses what is on its way to it. The kernel sends that again after
 * pauses that double, so to a host that was away for 26 s only after 51; until then the server's sender waits in a full
 * socket, and each one after it as well, which has to end the first (measured: MariaDB 10.11 with TLS). Not at once,
 * because that moment belongs to the clients.
 */
function isStreamOfBefore({ s, now, timing, peerFresh }: Context): boolean {
  if (now - s.enteredAt < timing.soloMs) return false;
  const silentSince = peerFresh || s.peer === null ? s.enteredAt : s.peer.at;
  return s.streamEndedAt < Math.max(s.enteredAt, silentSince);
}

function isWayBackDue(c: Context): boolean {
  const { s, f, now, timing } = c;
  const steady = c.settled && c.peerReady && s.decided?.mode === 'sync' && now - s.enteredAt >= timing.soloMs;
  return steady && !f.sqlError && now - s.wayBackAt >= timing.wayBackMs;
}
