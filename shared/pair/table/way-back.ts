/** The way back: the primary replicates from the standby too, as in the classic dual master, while both are well. */

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
];

function isWayBackDue(c: Context): boolean {
  const { s, f, now, timing } = c;
  const steady = c.settled && c.peerReady && s.decided?.mode === 'sync' && now - s.enteredAt >= timing.soloMs;
  return steady && !f.sqlError && now - s.wayBackAt >= timing.wayBackMs;
}
