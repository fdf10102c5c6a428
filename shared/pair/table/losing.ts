/** How a primary stops serving: first the kernel, then the address, then the server. */

import type { Phase } from '../node-state.ts';
import { CLOSING, CRASH_DEMOTION, takeBack } from './conditions.ts';
import { CLOSED, PRIMARY, type Row } from './row.ts';

const SERVING: readonly Phase[] = [...PRIMARY, 'DRAINING'];

export const LOSING: readonly Row[] = [
  {
    id: 'P1',
    from: SERVING,
    to: ['FENCED'],
    when: ({ f }) => f.server !== 'up',
    act: (c) => ({
      to: 'FENCED',
      patch: takeBack(c),
      effects: c.f.server === 'down' ? CLOSING : CRASH_DEMOTION,
      abort: true,
      release: true,
    }),
    reason: 'The server does not work: it is fenced and killed, and the lease is released.',
  },
  {
    id: 'X1',
    from: SERVING,
    to: ['FENCED'],
    when: ({ s }) => s.order?.kind === 'fence',
    act: (c) => ({ to: 'FENCED', patch: takeBack(c), effects: CRASH_DEMOTION, abort: true, release: true }),
    reason: 'An operator fenced this node: it is demoted as after a fault, and the lease is released.',
  },
  {
    id: 'P7',
    from: ['PRIMARY_SYNC'],
    to: ['FENCED'],
    when: ({ s, f, settled, peerReady }) => settled && s.decided?.mode === 'sync' && f.diskFull && peerReady,
    act: () => ({ to: 'FENCED', effects: CRASH_DEMOTION, abort: true, release: true }),
    reason: 'There is no room for writes here, and the standby is ready: this node makes way for it.',
  },
  {
    id: 'P8',
    from: ['PRIMARY_SYNC'],
    to: ['FENCED'],
    when: ({ s, f, settled, peerReady, timing }) =>
      settled && s.decided?.mode === 'sync' && f.addressLostMs >= timing.addressMs && peerReady,
    act: () => ({ to: 'FENCED', effects: CRASH_DEMOTION, abort: true, release: true }),
    reason:
      'The address is lost, keepalived does not bring it back, and the standby is ready: this node makes way for it.',
  },
  {
    id: 'P2',
    from: SERVING,
    to: ['DEMOTED', 'FENCED'],
    when: ({ s, mine }) => !mine && s.handedOver === null,
    act: ({ theirs }) => ({ to: theirs ? 'DEMOTED' : 'FENCED', effects: CRASH_DEMOTION, abort: true }),
    reason: 'A later record names the other node: this one is fenced and its server killed.',
  },
  {
    id: 'P3',
    from: SERVING,
    to: ['FENCED'],
    when: ({ s, leaseValid }) => !leaseValid && s.handedOver === null,
    act: () => ({
      to: 'FENCED',
      effects: CLOSING,
      abort: true,
    }),
    reason: 'The lease ran out without an answer: the kernel closed the port already.',
  },
  {
    id: 'P5',
    from: PRIMARY,
    to: ['FENCED'],
    when: ({ f }) => !f.writable,
    act: () => ({ to: 'FENCED', effects: CLOSING }),
    reason: 'Opening did not come to its end: the node closes and tries again.',
  },
  {
    id: 'P6',
    from: ['PRIMARY_SYNC'],
    to: ['FENCED'],
    when: ({ s, f, settled }) => settled && s.decided?.mode === 'sync' && !f.semiSync,
    act: () => ({ to: 'FENCED', effects: CRASH_DEMOTION, release: true }),
    reason: 'The record says SYNC, but commits do not wait: the server is killed.',
  },
  {
    id: 'P4',
    from: CLOSED,
    to: [],
    when: ({ s, f, leaseValid, now, timing }) =>
      f.server !== 'down' && f.writable && !leaseValid && now - s.enteredAt >= timing.suspectMs,
    act: () => ({ effects: CRASH_DEMOTION }),
    reason:
      'No new lease within 300 ms: the writable server is killed before anything releases its waiting commits.',
  },
];
