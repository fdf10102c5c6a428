/** How the recorded primary starts its server and lets clients in, once it holds the lease. */

import { type Context, leaseUntil, mayClaim, type Outcome } from '../context.ts';
import type { Effect } from '../effects.ts';
import { durableOf } from '../node-state.ts';
import { CRASH_DEMOTION } from './conditions.ts';
import { CLOSED, PRIMARY, type Row } from './row.ts';

export const OPENING: readonly Row[] = [
  {
    id: 'O1',
    from: CLOSED,
    to: [],
    when: (c) => c.mine && c.leaseValid && c.f.server === 'down' && !c.f.held && isHere(c),
    act: () => ({ effects: [{ kind: 'server-start', role: 'master' }] }),
    reason:
      'The lease is held, in SYNC for long enough to have heard of a standby that is ready: the server starts in its default role, which keeps all that it wrote (R2).',
  },
  {
    id: 'O2',
    from: CLOSED,
    to: [],
    when: ({ f, mine }) => mine && f.server === 'hung',
    act: () => ({ effects: CRASH_DEMOTION }),
    reason: 'The server does not answer: it is killed.',
  },
  {
    id: 'O3',
    from: CLOSED,
    to: [],
    when: ({ s, f, mine, leaseValid, settled }) =>
      mine &&
      leaseValid &&
      settled &&
      s.decided?.mode === 'sync' &&
      f.server === 'up' &&
      !f.semiSync &&
      f.writable,
    act: () => ({ effects: CRASH_DEMOTION }),
    reason: 'The record says SYNC, but commits do not wait: the server is killed.',
  },
  {
    id: 'O5',
    from: CLOSED,
    to: [],
    when: ({ s, f, mine, leaseValid, settled }) =>
      mine && leaseValid && settled && f.server === 'up' && s.servedEpoch === null && f.ioRunning,
    act: () => ({ effects: STOP_FOLLOWING }),
    reason: 'Recorded primary, but still following: the path is cut first, then what came is applied (I4).',
  },
  {
    id: 'O4',
    from: CLOSED,
    to: [...PRIMARY],
    when: ({ s, f, mine, leaseValid, settled }) =>
      mine &&
      leaseValid &&
      settled &&
      f.server === 'up' &&
      (s.servedEpoch !== null || !f.ioRunning) &&
      (f.drained || s.servedEpoch !== null || (s.decided?.takenOver === 'forced' && !f.sqlRunning)),
    act: open,
    reason: 'Recorded primary, decided by a majority, with a lease: the node opens as recorded.',
  },
];

/**
 * What a start in the default role commits cannot be taken back any more. In SYNC the standby may be about to take over:
 * after a partition its word comes later than the witness's.
 */
function isHere({ s, f, now, timing }: Context): boolean {
  if (s.decided?.mode !== 'sync') return true;
  return s.leasedAt !== null && now - s.leasedAt >= timing.handoverMs && mayClaim(s, f, now, timing);
}

const STOP_FOLLOWING: readonly Effect[] = [
  { kind: 'ack-path', open: false },
  { kind: 'io-thread', on: false },
];

/** Semi-sync first, then writable, then the kernel, then the address: each only after the one before it (I1, I2). */
function open({ s, f, timing }: Context): Outcome {
  const sync = s.decided?.mode === 'sync';
  const servedEpoch = s.decided?.epoch ?? null;
  const until = leaseUntil(s, timing);
  return {
    to: sync ? 'PRIMARY_SYNC' : 'PRIMARY_SOLO',
    patch: { servedEpoch, promotable: false, proof: null, handedOver: null },
    effects: [
      { kind: 'persist', durable: { ...durableOf(s), servedEpoch } },
      ...(f.semiSync === sync ? [] : [{ kind: 'semi-sync', on: sync } as const]),
      ...(f.writable ? [] : [{ kind: 'writable', until } as const]),
      { kind: 'permit', allowed: true, until },
    ],
  };
}
