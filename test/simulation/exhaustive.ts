/**
 * Every order of events of a small world, breadth first: the three votes, the holder of the lease and two ballots, with
 * the product's own functions. A message once sent stays in the network: it may arrive never, late, twice, or overtaken.
 * Time is counted in steps of its own: a lease lasts 2, a promise 3.
 */

import { createHash } from 'node:crypto';
import {
  dropLease,
  type HeldLease,
  nextRenewal,
  noLease,
  validUntil,
  withGrant,
} from '../../shared/pair/lease.ts';
import type { VoteAnswer, VoteRequest } from '../../shared/pair/messages.ts';
import {
  ask,
  decidedRecord,
  type Proposal,
  promisedRecord,
  propose,
  requestOf,
  withAnswer,
} from '../../shared/pair/proposal.ts';
import { firstRecord, type PairRecord, takeOver, withMode } from '../../shared/pair/record.ts';
import { TIMING, type Timing } from '../../shared/pair/timing.ts';
import { answerRequest, firstLedger, type Ledger, startVoter, type Voter } from '../../shared/pair/voter.ts';
import { EQUAL_WEIGHTS, type NodeId, VOTERS, type VoterId } from '../../shared/pair/weights.ts';

export interface Scope {
  readonly steps: number;
  readonly renewals: number;
  readonly releases: number;
  readonly restarts: number;
  /** The ballots that may begin: A asks for SOLO, B for its promotion. */
  readonly ballots: readonly NodeId[];
  readonly maxStates: number;
}

export interface SmallRules {
  readonly timing: Timing;
  readonly answerRequest: typeof answerRequest;
  readonly withGrant: typeof withGrant;
  readonly startVoter: typeof startVoter;
  /** What of a changed ledger reaches the disk. */
  readonly persist: (before: Ledger, after: Ledger) => Ledger;
}

interface Small {
  readonly time: number;
  readonly voters: Readonly<Record<VoterId, Voter>>;
  readonly disks: Readonly<Record<VoterId, Ledger>>;
  readonly lease: HeldLease;
  readonly ballots: Readonly<Partial<Record<NodeId, Proposal>>>;
  readonly decided: Readonly<Partial<Record<NodeId, PairRecord>>>;
  /** Sorted, without doubles. */
  readonly network: readonly string[];
  readonly releases: number;
  readonly restarts: number;
}

interface Sent {
  readonly to: VoterId;
  readonly from: VoterId;
  readonly request?: VoteRequest;
  readonly answer?: VoteAnswer;
}

export interface Exploration {
  readonly states: number;
  /** Every order of up to so many events was seen. */
  readonly depth: number;
  /** There are no others. */
  readonly complete: boolean;
  readonly violation: string | null;
}

const SYNC = { ...withMode(firstRecord('A'), 'sync'), weights: EQUAL_WEIGHTS };

export const SMALL_RULES: SmallRules = {
  timing: { ...TIMING, leaseMs: 2, promiseMs: 3 },
  answerRequest,
  withGrant,
  startVoter,
  persist: (_before, after) => after,
};

export function explore(scope: Scope, rules: SmallRules = SMALL_RULES): Exploration {
  const seen = new Set<string>();
  let frontier: Small[] = [begin()];
  let states = 0;
  let depth = 0;
  while (frontier.length > 0) {
    const next: Small[] = [];
    for (const state of frontier)
      for (const after of successors(state, scope, rules)) {
        const key = createHash('sha1').update(JSON.stringify(after)).digest('base64');
        if (seen.has(key)) continue;
        seen.add(key);
        states += 1;
        const violation = violationOf(after, rules);
        if (violation !== null) return { states, depth, complete: false, violation };
        if (states >= scope.maxStates) return { states, depth, complete: false, violation: null };
        next.push(after);
      }
    frontier = next;
    depth += 1;
  }
  return { states, depth, complete: true, violation: null };
}

function begin(): Small {
  const ledger = firstLedger(SYNC);
  const voter = (id: VoterId): Voter => ({ id, ledger, grant: null, muteUntil: 0 });
  return {
    time: 0,
    voters: { A: voter('A'), B: voter('B'), W: voter('W') },
    disks: { A: ledger, B: ledger, W: ledger },
    lease: noLease(1),
    ballots: {},
    decided: {},
    network: [],
    releases: 0,
    restarts: 0,
  };
}

function violationOf({ time, lease, ballots, decided }: Small, { timing }: SmallRules): string | null {
  if (decided.A !== undefined && decided.B !== undefined) return 'A went on alone and B was promoted';
  const promoted = ballots.B !== undefined && promisedRecord(ballots.B) !== null;
  if (promoted && validUntil(lease, [EQUAL_WEIGHTS], timing) > time)
    return 'B has a majority while the lease of A is valid';
  return null;
}

function* successors(s: Small, scope: Scope, rules: SmallRules): Generator<Small> {
  if (s.time < scope.steps) yield { ...s, time: s.time + 1 };
  for (const text of s.network) yield deliver(s, JSON.parse(text), rules);
  if (s.lease.stamp.seq - s.releases < scope.renewals) yield renew(s, rules);
  if (s.releases < scope.releases && s.lease.stamp.seq > 0) yield release(s, rules);
  for (const by of scope.ballots) {
    const ballot = s.ballots[by];
    if (ballot === undefined) yield beginBallot(s, by, rules);
    else if (ballot.asked === null) {
      const record = nextRecord(ballot);
      if (record !== null)
        yield request({ ...s, ballots: { ...s.ballots, [by]: ask(ballot, record) } }, by, rules);
    }
  }
  if (s.restarts < scope.restarts) for (const id of VOTERS) yield restart(s, id, rules);
}

function nextRecord(ballot: Proposal): PairRecord | null {
  const promised = promisedRecord(ballot);
  if (promised === null) return null;
  if (ballot.by === 'B') return takeOver(promised, 'B', ballot.epoch);
  return promised.primary === 'A' ? withMode(promised, 'solo') : null;
}

function renew(s: Small, rules: SmallRules): Small {
  const lease = nextRenewal(s.lease, s.time, rules.timing);
  return broadcast(
    { ...s, lease },
    { kind: 'renew', by: 'A', stamp: lease.stamp, record: SYNC, forgot: null },
    rules,
  );
}

function release(s: Small, rules: SmallRules): Small {
  const lease = dropLease(s.lease);
  const next = { ...s, lease, releases: s.releases + 1 };
  return broadcast(next, { kind: 'release', by: 'A', stamp: lease.stamp, handover: null }, rules);
}

function beginBallot(s: Small, by: NodeId, rules: SmallRules): Small {
  const epoch = s.voters[by].ledger.promised.epoch + 1;
  return request(
    { ...s, ballots: { ...s.ballots, [by]: propose(by, by === 'A' ? 'solo' : 'promote', epoch, 0) } },
    by,
    rules,
  );
}

function request(s: Small, by: NodeId, rules: SmallRules): Small {
  const ballot = s.ballots[by];
  return ballot === undefined ? s : broadcast(s, requestOf(ballot), rules);
}

/** The own vote first, the others' by the network. */
function broadcast(s: Small, message: VoteRequest, rules: SmallRules): Small {
  const own = deliver(s, { to: message.by, from: message.by, request: message }, rules);
  const others = VOTERS.filter((id) => id !== message.by);
  return others.reduce((state, to) => put(state, { to, from: message.by, request: message }), own);
}

function put(s: Small, message: Sent): Small {
  const text = JSON.stringify(message);
  return s.network.includes(text) ? s : { ...s, network: [...s.network, text].toSorted() };
}

function deliver(s: Small, { to, from, request: asked, answer }: Sent, rules: SmallRules): Small {
  if (asked !== undefined) {
    const vote = rules.answerRequest(s.voters[to], asked, s.time, rules.timing);
    const disk = vote.persist ? rules.persist(s.disks[to], vote.voter.ledger) : s.disks[to];
    const next = { ...s, voters: { ...s.voters, [to]: vote.voter }, disks: { ...s.disks, [to]: disk } };
    if (vote.answer === null) return next;
    const reply = { to: from, from: to, answer: vote.answer };
    return to === from ? deliver(next, reply, rules) : put(next, reply);
  }
  if (answer === undefined || to === 'W') return s;
  if (answer.kind === 'granted')
    return { ...s, lease: rules.withGrant(s.lease, answer.from, answer.stamp, s.time) };
  const ballot = s.ballots[to];
  if (ballot === undefined) return s;
  const after = withAnswer(ballot, answer);
  const record = decidedRecord(after);
  const decided = record === null ? s.decided : { ...s.decided, [to]: record };
  return { ...s, ballots: { ...s.ballots, [to]: after }, decided };
}

/** A voter forgets all but its disk; a node also forgets its ballot and its lease. What was decided was acted on. */
function restart(s: Small, id: VoterId, rules: SmallRules): Small {
  const voter = rules.startVoter(id, s.disks[id], s.time, rules.timing);
  const { [id as NodeId]: _forgotten, ...ballots } = s.ballots;
  const lease = id === 'A' ? noLease(s.lease.stamp.boot + 1) : s.lease;
  return { ...s, voters: { ...s.voters, [id]: voter }, ballots, lease, restarts: s.restarts + 1 };
}
