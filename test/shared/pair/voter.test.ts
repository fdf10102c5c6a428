import { test } from 'tap';
import { dropLease, nextRenewal, noLease, validUntil, withGrant } from '../../../shared/pair/lease.ts';
import type { VoteRequest } from '../../../shared/pair/messages.ts';
import { ask, decidedRecord, promisedRecord, propose, withAnswer } from '../../../shared/pair/proposal.ts';
import {
  firstRecord,
  mayTruncate,
  type PairRecord,
  takeOver,
  withMode,
  withSettledWeights,
  withWeights,
} from '../../../shared/pair/record.ts';
import { promiseMsFor, TIMING } from '../../../shared/pair/timing.ts';
import {
  amnesiacWitness,
  answerRequest,
  firstLedger,
  startVoter,
  type Voter,
} from '../../../shared/pair/voter.ts';
import {
  EQUAL_WEIGHTS,
  isQuorum,
  sameWeights,
  survivorWeights,
  type VoterId,
} from '../../../shared/pair/weights.ts';

const SYNC_A: PairRecord = { ...withMode(firstRecord('A'), 'sync'), weights: EQUAL_WEIGHTS };
const LATER = 10_000;

function witness(now = 0): Voter {
  return startVoter('W', firstLedger(SYNC_A), now, TIMING);
}

function renewal(seq: number, boot = 1): VoteRequest {
  return { kind: 'renew', by: 'A', stamp: { boot, seq }, record: SYNC_A, forgot: null };
}

function answer(voter: Voter, request: VoteRequest, now: number) {
  const vote = answerRequest(voter, request, now, TIMING);
  return { ...vote, kind: vote.answer?.kind, why: vote.answer?.kind === 'refused' ? vote.answer.why : null };
}

test('majorities are by weight, and a change of weights is bridged by both', async (t) => {
  t.ok(isQuorum(['A', 'W'], EQUAL_WEIGHTS));
  t.notOk(isQuorum(['A'], EQUAL_WEIGHTS));
  t.ok(isQuorum(['B'], survivorWeights('B')));
  t.notOk(isQuorum(['A', 'W'], survivorWeights('B')));
  t.notOk(isQuorum(['A', 'W'], EQUAL_WEIGHTS, survivorWeights('B')));
  t.ok(isQuorum(['B', 'W'], EQUAL_WEIGHTS, survivorWeights('B')));
  t.notOk(sameWeights(EQUAL_WEIGHTS, survivorWeights('A')));
});

test('while a change of the votes may not be decided, a majority is one under both', async (t) => {
  const before: PairRecord = { ...SYNC_A, epoch: 5, weights: survivorWeights('B') };
  const changed = { ...withWeights(before, EQUAL_WEIGHTS), epoch: 6 };
  t.match(changed, { weights: EQUAL_WEIGHTS, formerWeights: survivorWeights('B') });
  t.equal(withWeights(changed, survivorWeights('A')), changed, 'one change after the other');
  const promised = (...promises: readonly [VoterId, PairRecord][]) => {
    const empty = propose('A', 'reaffirm', 7, 0);
    return promisedRecord({ ...empty, promises: Object.fromEntries(promises) });
  };
  t.equal(promised(['A', changed], ['W', changed]), null, 'B alone may have gone on by what it knows');
  t.equal(promised(['A', changed], ['B', before]), changed);
  t.equal(promised(['B', before]), before, 'which it may, as long as it did not accept the change');
  const settled = withSettledWeights(changed);
  t.equal(promised(['A', settled], ['W', settled]), settled);
});

test('only SYNC can be taken over, and only what was taken over may be truncated', async (t) => {
  t.equal(takeOver(firstRecord('A'), 'B', 2), null);
  t.equal(takeOver(SYNC_A, 'A', 2), null);
  const taken = takeOver(SYNC_A, 'B', 2);
  t.match(taken, { primary: 'B', mode: 'solo', since: 2, takenOver: 'crash' });
  if (taken === null) return;
  t.ok(mayTruncate(taken, 'A', 1));
  t.notOk(mayTruncate(taken, 'A', null), 'a node that never served has nothing to drop');
  t.notOk(mayTruncate(taken, 'B', 1), 'nor has the new primary');
  t.notOk(mayTruncate(taken, 'A', 2), 'nor one that served later');
});

test('promises are durable, never taken back, and repeated for the same ballot', async (t) => {
  const voter = witness();
  const first = answer(voter, { kind: 'prepare', by: 'B', epoch: 2 }, LATER);
  t.match(first, { kind: 'promise', persist: true });
  t.match(answer(first.voter, { kind: 'prepare', by: 'B', epoch: 2 }, LATER), {
    kind: 'promise',
    persist: false,
  });
  t.match(answer(first.voter, { kind: 'prepare', by: 'A', epoch: 2 }, LATER), { why: 'outbid' });
  const record = { ...SYNC_A, epoch: 2 };
  t.match(answer(first.voter, { kind: 'accept', by: 'A', epoch: 2, record }, LATER), { why: 'outbid' });
  t.match(answer(first.voter, renewal(1), LATER), { why: 'outbid' }, 'a lease does not overtake a promise');
  const accepted = answer(first.voter, { kind: 'accept', by: 'B', epoch: 2, record }, LATER);
  t.match(accepted, { kind: 'accepted', persist: true });
  t.match(answer(accepted.voter, { kind: 'prepare', by: 'B', epoch: 2 }, LATER), { why: 'outbid' });
});

test('a grant holds other candidates off for longer than the lease', async (t) => {
  t.equal(promiseMsFor(700), 810);
  const granted = answer(witness(), renewal(1), LATER);
  t.equal(granted.kind, 'granted');
  const prepare: VoteRequest = { kind: 'prepare', by: 'B', epoch: 2 };
  t.match(answer(granted.voter, prepare, LATER + 809), { why: 'lease-fresh' });
  t.match(answer(granted.voter, prepare, LATER + 810), { kind: 'promise' });
  t.match(answer(granted.voter, { ...prepare, by: 'A' }, LATER + 1), { kind: 'promise' });
});

test('a release counts for the newest request of that run of the guard only', async (t) => {
  const prepare: VoteRequest = { kind: 'prepare', by: 'B', epoch: 2 };
  const afterRelease = (boot: number, seq: number) => {
    const { voter } = answer(witness(), renewal(5, 2), LATER);
    const released = answer(
      voter,
      { kind: 'release', by: 'A', stamp: { boot, seq }, handover: null },
      LATER + 1,
    );
    return answer(released.voter, prepare, LATER + 2);
  };
  t.match(afterRelease(2, 6), { kind: 'promise' });
  t.match(afterRelease(2, 4), { why: 'lease-fresh' }, 'overtaken by a later renewal');
  t.match(afterRelease(1, 9), { why: 'lease-fresh' }, 'of an earlier run');
});

test('the release of a node counts whatever the other one was granted before', async (t) => {
  const old = answer(witness(), renewal(500), LATER);
  const record = { ...SYNC_A, epoch: 2, primary: 'B', since: 2 } as const;
  const stamp = { boot: 1, seq: 5 };
  const later = LATER + TIMING.promiseMs;
  const taken = answer(old.voter, { kind: 'renew', by: 'B', stamp, record, forgot: null }, later);
  t.equal(taken.kind, 'granted');
  const released = answer(taken.voter, { kind: 'release', by: 'B', stamp, handover: null }, later + 1);
  t.match(answer(released.voter, { kind: 'prepare', by: 'A', epoch: 3 }, later + 2), { kind: 'promise' });
});

test('a restarted voter is mute about new holders only', async (t) => {
  const voter = witness(LATER);
  t.match(answer(voter, { kind: 'prepare', by: 'B', epoch: 2 }, LATER + 809), { why: 'mute' });
  t.match(answer(voter, { kind: 'prepare', by: 'A', epoch: 2 }, LATER + 1), { kind: 'promise' });
  t.match(answer(voter, { kind: 'prepare', by: 'B', epoch: 2 }, LATER + 810), { kind: 'promise' });
});

test('a voter that missed a decision learns it from the holder', async (t) => {
  const record = { ...SYNC_A, epoch: 4, weights: survivorWeights('B') };
  const learned = answer(
    witness(),
    { kind: 'renew', by: 'A', stamp: { boot: 1, seq: 1 }, record, forgot: null },
    LATER,
  );
  t.match(learned, { kind: 'granted', persist: true });
  t.same(learned.voter.ledger, { promised: { epoch: 4, by: 'A' }, record });
});

test('a lease counts from when the oldest request of a majority was sent', async (t) => {
  let lease = nextRenewal(noLease(1), 1000, TIMING);
  lease = withGrant(lease, 'A', { boot: 1, seq: 1 });
  t.equal(validUntil(lease, [EQUAL_WEIGHTS], TIMING), Number.NEGATIVE_INFINITY);
  lease = nextRenewal(lease, 1100, TIMING);
  lease = withGrant(lease, 'W', { boot: 1, seq: 2 });
  t.equal(validUntil(lease, [EQUAL_WEIGHTS], TIMING), 1700);
  t.equal(validUntil(lease, [survivorWeights('B')], TIMING), Number.NEGATIVE_INFINITY);
  t.equal(withGrant(lease, 'B', { boot: 9, seq: 2 }), lease, 'the answer to another run');
  lease = withGrant(lease, 'B', { boot: 1, seq: 2 });
  t.equal(validUntil(lease, [EQUAL_WEIGHTS], TIMING), 1800);
  const dropped = dropLease(lease);
  t.equal(
    validUntil(withGrant(dropped, 'B', { boot: 1, seq: 2 }), [EQUAL_WEIGHTS], TIMING),
    Number.NEGATIVE_INFINITY,
  );
});

test('a proposal starts from the newest record of a majority and is decided by one', async (t) => {
  let proposal = propose('B', 'promote', 5, 0);
  const standing = { promised: { epoch: 5, by: 'B' }, epoch: 5 } as const;
  proposal = withAnswer(proposal, { kind: 'promise', from: 'B', record: SYNC_A, ...standing });
  t.equal(promisedRecord(proposal), null);
  const newer = { ...SYNC_A, epoch: 3 };
  proposal = withAnswer(proposal, { kind: 'promise', from: 'W', record: newer, ...standing });
  t.equal(promisedRecord(proposal), newer);
  proposal = ask(proposal, { ...newer, primary: 'B' });
  proposal = withAnswer(proposal, { kind: 'accepted', from: 'B', record: newer, ...standing });
  t.equal(decidedRecord(proposal), null);
  proposal = withAnswer(proposal, { kind: 'accepted', from: 'W', record: newer, ...standing });
  t.match(decidedRecord(proposal), { epoch: 5, primary: 'B' });
});

test('a witness without a ledger joins with a record that was decided without it after the loss', async (t) => {
  const record = { ...SYNC_A, epoch: 7, weights: survivorWeights('B') };
  const join = (request: VoteRequest) => amnesiacWitness(5, request, LATER, TIMING);
  const renew = { kind: 'renew', by: 'A', stamp: { boot: 1, seq: 1 }, record } as const;
  const silent = { forgot: { kind: 'forgot', memory: 5 } };
  t.same(join({ kind: 'prepare', by: 'B', epoch: 9 }), silent);
  t.same(join({ ...renew, forgot: null }), silent);
  t.same(join({ ...renew, forgot: { memory: 4, before: 6 } }), silent, 'of an earlier life');
  t.same(join({ ...renew, forgot: { memory: 5, before: 7 } }), silent, 'begun before the loss');
  const forgot = { memory: 5, before: 6 };
  t.same(join({ ...renew, forgot, record: { ...record, weights: EQUAL_WEIGHTS } }), silent);
  const joined = join({ ...renew, forgot });
  t.match(joined, { vote: { persist: true, answer: { kind: 'granted', from: 'W' } } });
  if ('vote' in joined) t.same(joined.vote.voter.ledger, { promised: { epoch: 7, by: 'A' }, record });
});
