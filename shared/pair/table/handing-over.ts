/** A planned switchover on the primary: freeze, read-only, wait for the standby, hand over; or back to where it was. */

import { type Context, leaseUntil } from '../context.ts';
import { takeBack } from './conditions.ts';
import type { Row } from './row.ts';

export const HANDING_OVER: readonly Row[] = [
  {
    id: 'N1',
    from: ['PRIMARY_SYNC'],
    to: ['DRAINING'],
    when: ({ s, now, settled }) =>
      s.drainUntil !== null && now < s.drainUntil && s.proposal === null && settled,
    act: ({ timing }) => ({
      to: 'DRAINING',
      beat: true,
      effects: [
        { kind: 'freeze', on: true },
        { kind: 'read-only', withinMs: timing.readOnlyMs },
      ],
    }),
    reason: 'A switchover was asked for: nothing new comes in, and what runs comes to its end.',
  },
  {
    id: 'N2',
    from: ['DRAINING'],
    to: [],
    when: ({ s, f, peerReady }) =>
      s.handedOver === null &&
      s.decided !== null &&
      !f.writable &&
      f.waitersMs === 0 &&
      peerReady &&
      s.peer !== null &&
      s.peer.beat.applied >= f.position,
    act: ({ s, f, now }) => ({
      patch: {
        handedOver: { epoch: s.decided?.epoch ?? 0, position: f.position },
        enteredAt: now,
        drainUntil: null,
      },
      effects: [{ kind: 'fence-close' }, { kind: 'reset-sessions' }, { kind: 'permit', allowed: false }],
      release: true,
    }),
    reason: 'The standby has applied everything: the port is closed and the lease handed over.',
  },
  {
    id: 'N3',
    from: ['DRAINING'],
    to: ['PRIMARY_SYNC'],
    when: ({ s, f, now }) =>
      s.handedOver === null && (f.writable || s.drainUntil === null || now >= s.drainUntil),
    act: (c) => ({
      to: 'PRIMARY_SYNC',
      patch: { drainUntil: null, note: whyNotDrained(c) },
      effects: [
        ...(c.f.writable ? [] : [{ kind: 'writable', until: leaseUntil(c.s, c.timing) } as const]),
        { kind: 'freeze', on: false },
      ],
    }),
    reason: 'The switchover did not come to its end in time: this node is writable again.',
  },
  {
    id: 'N4',
    from: ['DRAINING'],
    to: ['FENCED'],
    when: ({ s, now, timing }) => s.handedOver !== null && now - s.enteredAt >= timing.handoverMs,
    act: (c) => ({
      to: 'FENCED',
      patch: { ...takeBack(c), note: 'The standby did not take over what was handed to it.' },
    }),
    reason: 'Nobody took over: a new ballot tells who is primary, and ends what was handed over.',
  },
];

function whyNotDrained({ s, f, timing }: Context): string {
  if (f.writable) return `Statements did not end within ${timing.readOnlyMs} ms: the server stayed writable.`;
  if (f.waitersMs > 0) return `A commit has waited for the standby for ${Math.round(f.waitersMs)} ms.`;
  return `The standby had applied ${s.peer?.beat.applied ?? 0} of ${f.position} within ${timing.drainMs} ms.`;
}
