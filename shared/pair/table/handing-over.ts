/**
 * A planned switchover on the primary: wait until the standby is level, freeze, read-only, wait for the rest, hand over; or
 * back to where it was. The first wait costs the clients nothing: a standby that applies a long statement would keep the
 * frozen primary waiting until it has to give up.
 */

import { type Context, leaseUntil } from '../context.ts';
import { isPrimary, PHASES } from '../node-state.ts';
import { takeBack } from './conditions.ts';
import type { Row } from './row.ts';

export const HANDING_OVER: readonly Row[] = [
  {
    id: 'N1',
    from: ['PRIMARY_SYNC'],
    to: ['DRAINING'],
    when: (c) => isLevel(c) && c.s.proposal === null && c.settled,
    act: ({ timing, now }) => ({
      to: 'DRAINING',
      beat: true,
      patch: { switchover: null, drainUntil: now + timing.drainMs },
      effects: [
        { kind: 'freeze', on: true },
        { kind: 'read-only', withinMs: timing.readOnlyMs },
      ],
    }),
    reason:
      'A switchover was asked for and the standby is level: nothing new comes in, and what runs comes to its end.',
  },
  {
    id: 'N5',
    from: ['PRIMARY_SYNC'],
    to: [],
    when: (c) => hasApplied(c) && !isLevel(c),
    act: ({ s, f, now }) => ({
      patch: { switchover: s.switchover && { ...s.switchover, position: f.position, since: now } },
    }),
    reason:
      'The standby took long to apply what there was when it was asked: it is asked for what there is now.',
  },
  {
    id: 'N6',
    from: PHASES.filter((phase) => phase !== 'DRAINING'),
    to: [],
    when: ({ s, now }) => s.switchover !== null && (now >= s.switchover.until || s.phase !== 'PRIMARY_SYNC'),
    act: (c) => ({ patch: { switchover: null, note: whyNotLevel(c) } }),
    reason: 'The standby did not get level in time: the switchover is not begun, and clients notice nothing.',
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

function hasApplied({ s, peerReady }: Context): boolean {
  return s.switchover !== null && peerReady && (s.peer?.beat.applied ?? 0) >= s.switchover.position;
}

function isLevel(c: Context): boolean {
  return hasApplied(c) && c.now - (c.s.switchover?.since ?? c.now) <= c.timing.levelMs;
}

function whyNotLevel({ s, f, timing, peerReady }: Context): string {
  if (!isPrimary(s)) return `${s.id} became ${s.phase} meanwhile: the switchover was not begun.`;
  if (!peerReady) return 'The standby is not ready any more: nothing was stopped.';
  const behind = Math.max(0, f.position - (s.peer?.beat.applied ?? 0));
  return `The standby is ${behind} transactions behind after ${timing.levelWithinMs} ms: nothing was stopped.`;
}

function whyNotDrained({ s, f, timing }: Context): string {
  if (f.writable) return `Statements did not end within ${timing.readOnlyMs} ms: the server stayed writable.`;
  if (f.waitersMs > 0) return `A commit has waited for the standby for ${Math.round(f.waitersMs)} ms.`;
  return `The standby had applied ${s.peer?.beat.applied ?? 0} of ${f.position} within ${timing.drainMs} ms.`;
}
