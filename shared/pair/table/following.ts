/** How a node comes back behind the other one that is primary: killed if it served, started, compared, then replicating. */

import type { Effect } from '../effects.ts';
import { durableOf } from '../node-state.ts';
import { distributionsOf, mayTruncate } from '../record.ts';
import { isQuorum, peerOf } from '../weights.ts';
import { CRASH_DEMOTION } from './conditions.ts';
import { CLOSED, type Row, STANDBY } from './row.ts';

export const FOLLOWING: readonly Row[] = [
  {
    id: 'M1',
    from: [...CLOSED, 'DEMOTED', 'REJOINING', ...STANDBY, 'NEEDS_REPAIR'],
    to: ['MAINTENANCE'],
    when: ({ s, theirs }) =>
      theirs &&
      s.order?.kind === 'maintenance' &&
      s.decided?.mode === 'solo' &&
      isQuorum([peerOf(s.id), 'W'], ...distributionsOf(s.decided)),
    act: () => ({ to: 'MAINTENANCE', patch: { promotable: false, proof: null } }),
    reason: 'The primary goes on without this node, which is left to the operator.',
  },
  {
    id: 'F0',
    from: ['DRAINING', ...CLOSED],
    to: ['REJOINING'],
    when: ({ s, f, theirs }) =>
      theirs && s.handedOver !== null && f.server === 'up' && !f.writable && f.waitersMs === 0,
    act: ({ f }) => ({
      to: 'REJOINING',
      effects: f.semiSync ? [{ kind: 'semi-sync', on: false }] : [],
    }),
    reason: 'The other node took over all that was handed to it: this server goes on as it is, and follows.',
  },
  {
    id: 'F1',
    from: [...CLOSED, 'DEMOTED', 'DRAINING'],
    to: ['DEMOTED'],
    when: ({ s, f, theirs }) =>
      theirs && f.server !== 'down' && (s.servedEpoch !== null || f.writable || f.server === 'hung'),
    act: () => ({ to: 'DEMOTED', effects: CRASH_DEMOTION }),
    reason:
      'The other node is primary and this server served: it is killed, its waiting commits stay unconfirmed.',
  },
  {
    id: 'F2',
    from: [...CLOSED, 'DEMOTED', 'REJOINING', 'DRAINING'],
    to: ['REJOINING'],
    when: ({ f, theirs }) => theirs && f.server === 'down' && !f.held,
    act: ({ s }) => ({
      to: 'REJOINING',
      effects: [
        {
          kind: 'server-start',
          role: s.decided && mayTruncate(s.decided, s.id, s.servedEpoch) ? 'slave' : 'master',
        },
      ],
    }),
    reason:
      'The other node is primary: the server starts, as a former primary only if it was taken over out of SYNC (R2).',
  },
  {
    id: 'F3',
    from: [...CLOSED, 'DEMOTED'],
    to: ['REJOINING'],
    when: ({ f, theirs }) => theirs && f.server === 'up',
    act: () => ({ to: 'REJOINING' }),
    reason: 'The other node is primary and this server never served: it only has to be compared.',
  },
  {
    id: 'F4',
    from: ['REJOINING'],
    to: [],
    when: ({ f }) => f.server === 'hung',
    act: () => ({ effects: [{ kind: 'server-kill' }] }),
    reason: 'The server does not answer: it is killed and starts again.',
  },
  {
    id: 'F8',
    from: ['REJOINING', ...STANDBY],
    to: [],
    when: ({ f, theirs }) => theirs && f.server === 'up' && f.writable,
    act: ({ timing }) => ({ effects: [{ kind: 'read-only', withinMs: timing.readOnlyMs }] }),
    reason: 'Only the primary is writable: somebody changed it here.',
  },
  {
    id: 'F9',
    from: ['REJOINING', ...STANDBY],
    to: [],
    when: ({ f, theirs }) => theirs && f.server === 'up' && f.semiSync,
    act: ({ s, f }) => {
      // Behind the applier nobody waits; where clients may wait, they must not be told that they are done.
      const released = s.servedEpoch === null || f.waitersMs === 0;
      return { effects: released ? [{ kind: 'semi-sync', on: false }] : [{ kind: 'server-kill' }] };
    },
    reason: 'A standby whose own commits wait for a standby applies nothing: they wait for nobody here.',
  },
  {
    id: 'F7',
    from: ['REJOINING'],
    to: [],
    when: ({ f, theirs }) => theirs && f.server === 'up' && !f.ackPathOpen,
    act: () => ({ effects: [{ kind: 'ack-path', open: true }] }),
    reason: 'The path to the primary is open again: this node has to be compared with it.',
  },
  {
    id: 'F5',
    from: ['REJOINING'],
    to: ['NEEDS_REPAIR'],
    when: ({ f, theirs }) => theirs && f.server === 'up' && f.comparison === 'errant',
    act: () => ({ to: 'NEEDS_REPAIR', effects: [{ kind: 'alarm', text: 'errant transactions' }] }),
    reason:
      'This node has transactions that the primary does not have: a person decides what becomes of them.',
  },
  {
    id: 'F6',
    from: ['REJOINING'],
    to: ['STANDBY_CATCHUP'],
    when: ({ f, theirs }) => theirs && f.server === 'up' && f.comparison === 'clean',
    act: ({ s, f }) => {
      const order = s.order?.kind === 'solo' ? null : s.order;
      return {
        to: 'STANDBY_CATCHUP',
        patch: { servedEpoch: null, order, proof: null, promotable: false },
        effects: [
          { kind: 'persist', durable: { ...durableOf(s), servedEpoch: null, order } },
          { kind: 'ack-path', open: true },
          ...(f.ioRunning && f.sqlRunning ? [] : [startThreads(f.sqlRunning)]),
        ],
      };
    },
    reason: 'Everything here is on the primary too: replication starts from the own binlog (R3).',
  },
  {
    id: 'R1',
    from: ['REJOINING'],
    to: ['INIT'],
    when: ({ mine }) => mine,
    act: () => ({ to: 'INIT' }),
    reason: 'By the newest record this node is the primary: it does not follow.',
  },
  {
    id: 'M2',
    from: ['MAINTENANCE'],
    to: ['INIT'],
    when: ({ s }) => s.order?.kind !== 'maintenance',
    act: () => ({ to: 'INIT' }),
    reason: 'Maintenance is over: the node starts as after a boot.',
  },
];

function startThreads(sqlRunning: boolean): Effect {
  return sqlRunning ? { kind: 'io-thread', on: true } : { kind: 'replication-start' };
}
