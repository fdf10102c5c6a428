/** Mistakes that an implementation could make, each planted alone: the checks must notice every one of them. */

import { answerCommand } from '../../shared/pair/commands.ts';
import type { Row } from '../../shared/pair/table.ts';
import { ROWS } from '../../shared/pair/table.ts';
import { answerRequest } from '../../shared/pair/voter.ts';
import type { Violation } from './checks.ts';
import type { Flaw } from './flaw.ts';
import { runSchedule } from './schedule.ts';

export interface PlantedBug {
  readonly name: string;
  readonly flaw: Flaw;
  /** The first seed to try: it is known to show the bug. */
  readonly from?: number;
  /** The check that must notice it; any, when left out. */
  readonly by?: Violation['check'];
  /** The faults that show it; all of them when left out. */
  readonly faults?: readonly string[];
}

const withRow = (id: string, change: (row: Row) => Row): Pick<Flaw, 'rules'> => ({
  rules: { rows: ROWS.map((row) => (row.id === id ? change(row) : row)) },
});

const without = (...ids: readonly string[]): readonly Row[] => ROWS.filter(({ id }) => !ids.includes(id));

const asPlanned = (row: Row): Row => ({
  ...row,
  act: (c) => {
    const { ask, ...rest } = row.act(c);
    return ask === undefined ? rest : { ...rest, ask: { ...ask, takenOver: 'planned' } };
  },
});

const unbridged = (row: Row): Row => ({
  ...row,
  act: (c) => {
    const { ask, ...rest } = row.act(c);
    return ask === undefined ? rest : { ...rest, ask: { ...ask, formerWeights: null } };
  },
});

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'promotes from SOLO',
    from: 50,
    by: 'acknowledged-lost',
    flaw: {
      rules: {
        rows: ROWS.map((row): Row => {
          if (row.id === 'S5')
            return { ...row, when: ({ s, now }) => s.proposal === null && now - (s.primaryAt ?? 0) >= 300 };
          if (row.id === 'T4') return { ...row, when: ({ s }) => s.proposal?.refused === true };
          if (row.id !== 'T7') return row;
          return {
            ...row,
            act: ({ s, promised }) =>
              promised === null
                ? {}
                : { ask: { ...promised, primary: s.id, mode: 'solo', takenOver: 'crash' } },
          };
        }),
      },
    },
  },
  {
    name: 'skips the cut of the confirmation path and the stop of the IO thread',
    flaw: {
      effect: (effect) =>
        (effect.kind === 'ack-path' && !effect.open) || (effect.kind === 'io-thread' && !effect.on)
          ? []
          : [effect],
      rules: { rows: ROWS.filter(({ id }) => id !== 'T5' && id !== 'T6') },
    },
  },
  {
    name: 'stops waiting before SOLO is recorded',
    by: 'acknowledged-lost',
    flaw: withRow('D2', (row) => ({
      ...row,
      act: (context) => ({ ...row.act(context), effects: [{ kind: 'semi-sync', on: false }] }),
    })),
  },
  { name: 'promises are not durable', flaw: { flags: new Set(['volatile-promises']) } },
  {
    name: 'always starts the server as a former primary',
    flaw: { effect: (effect) => [effect.kind === 'server-start' ? { ...effect, role: 'slave' } : effect] },
  },
  {
    name: 'restarts both replication threads before all is applied',
    flaw: {
      effect: (effect, { database }) => {
        if (effect.kind === 'io-thread' && !effect.on) database.relay = [];
        return [effect];
      },
    },
  },
  {
    name: 'switches semi-sync on at the standby',
    flaw: {
      rules: { rows: without('F9', 'T9') },
      effect: (effect) =>
        effect.kind === 'replication-start' ? [effect, { kind: 'semi-sync', on: true }] : [effect],
    },
  },
  {
    name: 'refreshes the fence with what was left before a pause',
    from: 26,
    flaw: { flags: new Set(['relative-fence']) },
  },
  {
    name: 'does not notice that the replication threads were restarted',
    faults: ['replication restarted with a full relay log as the primary is cut off'],
    flaw: { facts: (facts) => ({ ...facts, threads: 0 }) },
  },
  {
    name: 'opens before everything received is applied',
    from: 21,
    flaw: { facts: (facts) => ({ ...facts, drained: true }) },
  },
  {
    name: 'grants a lease to whoever asks, whatever it promised',
    faults: ['host cut off, and first back with the witness only'],
    flaw: {
      rules: {
        answerRequest: (voter, request, now, timing) => {
          const vote = answerRequest(voter, request, now, timing);
          if (request.kind !== 'renew' || vote.answer?.kind !== 'refused') return vote;
          return { ...vote, answer: { ...vote.answer, kind: 'granted', stamp: request.stamp } };
        },
      },
    },
  },
  {
    name: 'promises while the lease of the other one is fresh',
    flaw: {
      rules: {
        answerRequest: (voter, request, now, timing) =>
          answerRequest(request.kind === 'prepare' ? { ...voter, grant: null } : voter, request, now, timing),
      },
    },
  },
  { name: 'demotes with SIGTERM', flaw: { flags: new Set(['kill-by-sigterm']) } },
  {
    name: 'frees its own vote before the port is closed',
    from: 28,
    by: 'two-lease-holders',
    faults: ['server killed on a slow host after a short cut'],
    flaw: { flags: new Set(['own-vote-first']) },
  },
  {
    name: 'votes though it cannot write the vote down',
    faults: ['the only other voter has a full disk, and starts anew'],
    flaw: { flags: new Set(['unwritten-votes']) },
  },
  {
    name: 'starts a server that is held down',
    by: 'invariant',
    flaw: withRow('F2', (row) => ({ ...row, when: ({ f, theirs }) => theirs && f.server === 'down' })),
  },
  {
    name: 'rejoins from where replication was left, not from the own binlog (R3)',
    by: 'divergence',
    flaw: { flags: new Set(['no-r3']) },
  },
  {
    name: 'shows a position that was read before it knew of the restarted threads',
    from: 26,
    faults: ['primary cut off as soon as its standby is ready again'],
    flaw: { flags: new Set(['unproven-position']) },
  },
  {
    name: 'a witness without a ledger votes at once',
    faults: ['witness lost its disk as the old primary is back with it only'],
    flaw: { flags: new Set(['witness-begins-anew']) },
  },
  {
    name: 'a switchover hands over while statements still write',
    faults: ['switchover', 'switchover as a fault strikes'],
    flaw: {
      ...withRow('N2', (row) => ({ ...row, when: ({ s, f }) => s.handedOver === null && f.position > 0 })),
      effect: (effect) => (effect.kind === 'read-only' || effect.kind === 'freeze' ? [] : [effect]),
    },
  },
  {
    name: 'a switchover does not wait for the position of the standby',
    faults: [
      'replication is slow',
      'link cut',
      'one-way loss',
      'switchover',
      'switchover as a fault strikes',
    ],
    flaw: {
      rules: {
        rows: ROWS.map((row): Row => {
          if (row.id === 'N2') return { ...row, when: ({ s, f }) => s.handedOver === null && !f.writable };
          return row.id === 'T7' ? asPlanned(row) : row;
        }),
      },
    },
  },
  { name: 'every takeover is recorded as planned', flaw: withRow('T7', asPlanned) },
  { name: 'a fenced node goes on', from: 111, by: 'invariant', flaw: { rules: { rows: without('X1') } } },
  {
    name: 'a node is left to the operator while the primary counts on it',
    by: 'invariant',
    flaw: withRow('M1', (row) => ({
      ...row,
      when: ({ s, theirs }) => theirs && s.order?.kind === 'maintenance',
    })),
  },
  {
    name: 'goes on alone although consistency comes first',
    by: 'invariant',
    flaw: {
      rules: {
        protection: 'consistency',
        rows: ROWS.map((row) =>
          row.id === 'D2' ? { ...row, when: (c) => row.when({ ...c, protection: 'availability' }) } : row,
        ),
      },
    },
  },
  {
    name: 'is forced although the other node is alive',
    from: 47,
    flaw: {
      rules: {
        answerCommand: (c, command) => {
          const voter = { ...c.s.voter, grant: null };
          const s = { ...c.s, peer: null, bornAt: Number.NEGATIVE_INFINITY, voter };
          return answerCommand(command.kind === 'force-primary' ? { ...c, s } : c, command);
        },
      },
    },
  },
  // What the simulation found in earlier rules; without the rule it must find it again.
  {
    name: 'the numbers of two nodes are compared in a grant',
    from: 27,
    by: 'no-switchover',
    flaw: {
      rules: {
        answerRequest: (voter, request, now, timing) => {
          const vote = answerRequest(voter, request, now, timing);
          const { grant } = vote.voter;
          if (request.kind !== 'renew' || grant === null || voter.grant === null) return vote;
          if (voter.grant.stamp.seq < grant.stamp.seq) return vote;
          return { ...vote, voter: { ...vote.voter, grant: { ...grant, stamp: voter.grant.stamp } } };
        },
      },
    },
  },
  {
    name: 'does not open the path to the primary before it is compared with it',
    from: 14,
    flaw: { rules: { rows: without('F7') } },
  },
  {
    name: 'a standby keeps semi-sync on when switching it off failed',
    faults: ['semi-sync switched on at the standby', 'switchover as a fault strikes'],
    flaw: { rules: { rows: without('F9', 'T9') } },
  },
  {
    name: 'a ballot of another phase is left over',
    from: 31,
    flaw: { rules: { rows: without('T2', 'T3', 'B1', 'B2', 'B3') } },
  },
  {
    name: 'opening that did not come to its end is left at that',
    from: 33,
    flaw: { rules: { rows: without('P5') } },
  },
  {
    name: 'a change of the votes counts before it is known to be decided',
    from: 180,
    faults: ['witness lost its disk as the old primary is back with it only'],
    flaw: withRow('B4', unbridged),
  },
  {
    name: 'goes on serving in an epoch that was handed over when its server died meanwhile',
    by: 'invariant',
    faults: ['switchover as a fault strikes'],
    flaw: withRow('P1', (row) => ({
      ...row,
      act: (c) => {
        const { patch: _takenBack, ...rest } = row.act(c);
        return rest;
      },
    })),
  },
  { name: 'a commit waits for nobody', flaw: { effect: (e) => (e.kind === 'semi-sync' && e.on ? [] : [e]) } },
];

/** The first seed whose schedule catches the bug, or null. */
export function catchBug({ flaw, by, faults, from = 1 }: PlantedBug, seeds = 400) {
  for (let seed = from; seed < from + seeds; seed++) {
    const { violations } = runSchedule(seed, flaw, undefined, faults);
    const violation = violations.find(({ check }) => by === undefined || check === by);
    if (violation !== undefined) return { seed, violation };
  }
  return null;
}
