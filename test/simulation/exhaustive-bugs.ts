/** Small worlds of which every order of events is tried, and faults that random schedules hardly ever hit. */

import { answerRequest } from '../../shared/pair/voter.ts';
import { explore, type Scope, SMALL_RULES, type SmallRules } from './exhaustive.ts';

const NONE: Scope = { steps: 0, renewals: 0, releases: 0, restarts: 0, ballots: [], maxStates: 40_000 };
export const SCOPES: Readonly<Record<string, Scope>> = {
  'a lease and a promotion': { ...NONE, steps: 3, renewals: 1, ballots: ['B'] },
  'a lease, a promotion and a restart': { ...NONE, steps: 1, renewals: 1, restarts: 1, ballots: ['B'] },
  'a released lease and a promotion': { ...NONE, renewals: 2, releases: 1, ballots: ['B'] },
  'going on alone and a promotion': { ...NONE, ballots: ['A', 'B'] },
  'going on alone, a promotion and a restart': { ...NONE, restarts: 1, ballots: ['A', 'B'] },
};

export interface SmallBug {
  readonly name: string;
  /** The world that shows it. */
  readonly scope: string;
  readonly rules: Partial<SmallRules>;
}

export const SMALL_BUGS: readonly SmallBug[] = [
  {
    name: 'counts the lease from when the answer came',
    scope: 'a lease and a promotion',
    rules: {
      withGrant: (lease, from, stamp, now = 0) => {
        const next = SMALL_RULES.withGrant(lease, from, stamp);
        return next === lease ? lease : { ...next, granted: { ...next.granted, [from]: now } };
      },
    },
  },
  {
    name: 'a restarted voter is not mute',
    scope: 'a lease, a promotion and a restart',
    rules: { startVoter: (id, ledger) => ({ id, ledger, grant: null, muteUntil: 0 }) },
  },
  {
    name: 'a late release counts whatever came after it',
    scope: 'a released lease and a promotion',
    rules: {
      answerRequest: (voter, request, now, timing) =>
        request.kind === 'release'
          ? { voter: { ...voter, grant: null }, answer: null, persist: false }
          : answerRequest(voter, request, now, timing),
    },
  },
  {
    name: 'a voter accepts what it did not promise',
    scope: 'going on alone and a promotion',
    rules: {
      answerRequest: (voter, request, now, timing) => {
        if (request.kind !== 'accept') return answerRequest(voter, request, now, timing);
        const promised = { epoch: request.epoch, by: request.by };
        return answerRequest({ ...voter, ledger: { ...voter.ledger, promised } }, request, now, timing);
      },
    },
  },
];

export function catchSmallBug({ scope, rules }: SmallBug) {
  return explore({ ...(SCOPES[scope] ?? NONE), maxStates: 200_000 }, { ...SMALL_RULES, ...rules });
}
