import { test } from 'tap';
import type { Command, CommandAnswer } from '../../../shared/pair/commands.ts';
import { decideStep, type NodeEvent, RULES } from '../../../shared/pair/decide.ts';
import type { Beat } from '../../../shared/pair/effects.ts';
import { type NodeFacts, type NodeState, startNode } from '../../../shared/pair/node-state.ts';
import { withMode } from '../../../shared/pair/record.ts';
import { TIMING } from '../../../shared/pair/timing.ts';
import { firstLedger } from '../../../shared/pair/voter.ts';
import { BEAT, FACTS, makeNode, NOW, SYNC_A } from '../../support/make-node.ts';

const SWITCHOVER: Command = { kind: 'switchover' };
const FORCE: Command = { kind: 'force-primary', accepts: 'lost-commits' };

function ask(state: NodeState, command: Command, facts: Partial<NodeFacts> = {}, rules = RULES) {
  const step = decideStep(state, { kind: 'command', command, facts: { ...FACTS, ...facts } }, NOW, rules);
  const answer: CommandAnswer = step.answer ?? { accepted: false, reason: 'no answer' };
  return { ...step, answer, text: answer.accepted ? answer.text : answer.reason };
}

function order(kind: 'fence' | 'solo' | 'maintenance', forMs: number | null = null): Command {
  return { kind, reason: 'a new disk', forMs, wallNow: 1_000_000 };
}

const peerAt = (at: number, beat: Partial<Beat> = {}) => ({
  peer: { at, beat: { ...BEAT, ...beat }, readySince: 0 },
});

test('a switchover is accepted by a primary in SYNC with a ready standby, and begins with the next look', async (t) => {
  const { state, answer, text } = ask(makeNode(), SWITCHOVER);
  t.ok(answer.accepted);
  t.match(text, /2 transactions behind/);
  t.same(state.switchover, { position: 100, since: NOW, until: NOW + TIMING.levelWithinMs });
  t.match(ask(state, SWITCHOVER).text, /under way already/);
});

test('every refusal says why, with its numbers', async (t) => {
  const cases: readonly [NodeState, Command, RegExp, Partial<NodeFacts>?][] = [
    [makeNode({ phase: 'PRIMARY_SOLO', enteredAt: NOW - 700 }), SWITCHOVER, /PRIMARY_SOLO for 700 ms/],
    [makeNode({ phase: 'STANDBY_READY' }), SWITCHOVER, /A is STANDBY_READY, not the primary/],
    [makeNode({ peer: null }), SWITCHOVER, /has not been heard yet/],
    [makeNode(peerAt(NOW - 900)), SWITCHOVER, /last heard 900 ms ago; 500 ms are allowed/],
    [makeNode(peerAt(NOW, { promotable: false })), SWITCHOVER, /not promotable/],
    [makeNode(peerAt(NOW, { applied: 5 })), SWITCHOVER, /is 19995 transactions behind/, { position: 20_000 }],
    [makeNode(), SWITCHOVER, /has waited for the standby for 300 ms/, { waitersMs: 300 }],
    [makeNode(), FORCE, /A is PRIMARY_SYNC: it needs no force/],
    [makeNode({ phase: 'FENCED' }), FORCE, /B was heard 50 ms ago: it is not gone; 5000 ms of silence/],
    [makeNode({ phase: 'FENCED', peer: null, bornAt: NOW - 100 }), FORCE, /listens for 100 ms only/],
    [makeNode(), order('maintenance'), /A is the primary: switch over first/],
    [
      makeNode({ phase: 'STANDBY_READY', decided: { ...SYNC_A, primary: 'B' } }),
      order('fence'),
      /not the primary/,
    ],
    [makeNode({ phase: 'PROMOTING' }), order('fence'), /A is PROMOTING: try again/],
    [makeNode(), { kind: 'off' }, /A stands under no order/],
    [makeNode(), { kind: 'rejoin' }, /A is PRIMARY_SYNC: there is nothing to repair/],
  ];
  for (const [state, command, pattern, facts] of cases) {
    const { answer, text, effects } = ask(state, command, facts);
    t.notOk(answer.accepted, text);
    t.match(text, pattern);
    t.same(effects, []);
  }
});

test('who may still serve is not to be forced aside', async (t) => {
  const state = makeNode({ phase: 'FENCED', peer: null });
  const grant = { holder: 'B', stamp: { boot: 1, seq: 1 }, until: NOW + 300 } as const;
  t.match(ask({ ...state, voter: { ...state.voter, grant } }, FORCE).text, /B may serve for another 300 ms/);
});

test('a forced node is primary by its own vote, far from any ballot of the other one', async (t) => {
  const state = makeNode({ phase: 'STANDBY_READY', peer: null, decided: { ...SYNC_A, primary: 'B' } });
  const seen = { ...SYNC_A, primary: 'B', epoch: 7 } as const;
  const forced = ask({ ...state, seen, highest: 7 }, FORCE);
  t.ok(forced.answer.accepted);
  t.match(forced.state, {
    phase: 'FENCED',
    decided: { primary: 'A', epoch: 1007, since: 1007, mode: 'solo', takenOver: 'forced' },
  });
  t.match(forced.state.decided?.weights, { A: 2, B: 1, W: 0 });
  t.equal(forced.effects[0]?.kind, 'persist');
});

test('an order is durable, expires, and is taken back', async (t) => {
  const given = ask(makeNode(), order('solo', 5_000));
  t.ok(given.answer.accepted);
  const [persist] = given.effects;
  const kept = { kind: 'solo', reason: 'a new disk', expiresAt: 1_005_000 };
  t.match(persist, { kind: 'persist', durable: { order: kept } });
  t.match(ask(given.state, order('fence')).text, /under the order solo \(a new disk\)/);
  t.equal(ask(given.state, { kind: 'off' }).state.order, null);
  const look: NodeEvent = { kind: 'look', facts: FACTS };
  t.match(decideStep(given.state, look, NOW + 4_999).state.order, kept);
  t.equal(decideStep(given.state, look, NOW + 5_000).state.order, null);
  if (persist?.kind !== 'persist') return;
  t.equal(startNode('A', persist.durable, 2, 0, TIMING, 1_004_000).orderUntil, 1_000, 'also after a restart');
});

test('with consistency first, the primary goes alone only when it is told to', async (t) => {
  const rules = { ...RULES, protection: 'consistency' } as const;
  const lease = { ...makeNode().lease, granted: { A: NOW, W: NOW } };
  const lost = makeNode({ ...peerAt(NOW - 5_000), lease, witnessAt: NOW });
  const look: NodeEvent = { kind: 'look', facts: { ...FACTS, waitersMs: 4_000 } };
  t.equal(decideStep(lost, look, NOW, rules).state.proposal, null);
  t.equal(decideStep(lost, look, NOW).state.proposal?.purpose, 'solo');
  const told = ask(lost, order('solo'), {}, rules).state;
  t.equal(decideStep(told, look, NOW, rules).state.proposal?.purpose, 'solo');
});

test('after three rounds of SYNC and SOLO within a minute the pair rests in SOLO', async (t) => {
  const record = { ...SYNC_A, mode: 'solo' } as const;
  const ledger = firstLedger(record);
  const lease = { ...makeNode().lease, granted: { A: NOW, W: NOW } };
  const solo = makeNode({
    phase: 'PRIMARY_SOLO',
    decided: record,
    lease,
    witnessHeardAt: NOW,
    witnessAt: NOW,
  });
  const ready = { ...solo, voter: { ...solo.voter, ledger } };
  const look: NodeEvent = { kind: 'look', facts: { ...FACTS, semiSync: false, ioRunning: false } };
  const switches = (modeChanges: readonly number[]) =>
    decideStep({ ...ready, modeChanges }, look, NOW).effects.some(({ kind }) => kind === 'semi-sync');
  t.ok(switches([]));
  const ago = (...seconds: readonly number[]): number[] => seconds.map((one) => NOW - one * 1000);
  t.ok(switches(ago(50, 40, 30, 20, 10)), 'a failover and a deploy are no flapping');
  t.notOk(switches(ago(55, 50, 40, 30, 20, 10)));
  t.ok(switches(ago(90, 50, 40, 30, 20, 10)));
});

test('a server that dies again soon after a failover starts where it is, unless its host is gone', async (t) => {
  const decided = { ...SYNC_A, primary: 'B', since: 2, epoch: 2, takenOver: 'crash' } as const;
  const proof = { threads: 1, position: 80 };
  const standby = makeNode({ phase: 'STANDBY_READY', decided, seen: decided, promotable: true, proof });
  const look: NodeEvent = { kind: 'look', facts: { ...FACTS, writable: false, semiSync: false } };
  const phase = (patch: Partial<NodeState>) => decideStep({ ...standby, ...patch }, look, NOW).state.phase;
  t.equal(phase({}), 'PROMOTING');
  t.equal(phase({ tookOverAt: NOW - 3_000 }), 'STANDBY_READY');
  t.equal(phase({ tookOverAt: NOW - 3_000, ...peerAt(NOW - 600) }), 'PROMOTING');
  t.equal(phase({ tookOverAt: NOW - 6_000 }), 'PROMOTING');
  t.equal(phase({ tookOverAt: NOW - 3_000, handover: { epoch: 2, position: 90 } }), 'PROMOTING');
});

test('nobody is asked to accept what the own vote refuses', async (t) => {
  const decided = { ...SYNC_A, primary: 'B' } as const;
  const asked = { ...SYNC_A, epoch: 3, since: 3, mode: 'solo' } as const;
  const base = makeNode({ phase: 'PROMOTING', decided, seen: decided });
  const ledger = { promised: { epoch: 4, by: 'B' }, record: decided } as const;
  const proposal = { by: 'A', purpose: 'promote', epoch: 3, startedAt: NOW, promises: {}, asked } as const;
  const state = {
    ...base,
    voter: { ...base.voter, ledger },
    proposal: { ...proposal, accepted: [], refused: false },
  };
  const step = decideStep(state, { kind: 'pulse', facts: FACTS }, NOW);
  t.ok(step.state.proposal?.refused);
  t.notOk(step.effects.some((e) => e.kind === 'send' && e.message.kind === 'request'));
});

test('data that were replaced end the maintenance, and what the node served before is forgotten', async (t) => {
  const kept = { kind: 'maintenance', reason: 'its data are replaced', expiresAt: null } as const;
  const aside = makeNode({ phase: 'MAINTENANCE', decided: { ...SYNC_A, primary: 'B' }, order: kept });
  t.match(ask(aside, { kind: 'rejoin' }).text, /A is MAINTENANCE: there is nothing to repair/);
  const { answer, state, effects } = ask(aside, { kind: 'reseeded' });
  t.ok(answer.accepted);
  t.match(state, { phase: 'INIT', order: null, servedEpoch: null });
  t.match(effects, [{ kind: 'persist', durable: { order: null, servedEpoch: null } }]);
  t.match(ask({ ...aside, phase: 'NEEDS_REPAIR', order: null }, { kind: 'rejoin' }).state.servedEpoch, 1);
});

test('a primary in SOLO takes all votes to itself while the other node has no ledger, and gives them back', async (t) => {
  const solo = withMode(SYNC_A, 'solo');
  const lease = { ...makeNode().lease, granted: { A: NOW, W: NOW } };
  const heard = {
    phase: 'PRIMARY_SOLO',
    peer: null,
    decided: solo,
    lease,
    witnessHeardAt: NOW,
    witnessAt: NOW,
  } as const;
  const alone = (record: typeof solo): NodeState => {
    const state = makeNode({ ...heard, decided: record });
    return { ...state, voter: { ...state.voter, ledger: firstLedger(record) } };
  };
  const lost = decideStep(
    alone(solo),
    { kind: 'message', from: 'B', message: { kind: 'forgot', memory: 3 }, threads: 1 },
    NOW,
  ).state;
  const look: NodeEvent = { kind: 'look', facts: { ...FACTS, semiSync: false, ioRunning: false } };
  const rows = (state: NodeState): readonly string[] => decideStep(state, look, NOW).rows.map(({ id }) => id);
  t.same(rows(lost), ['W4']);
  t.notOk(rows(alone(solo)).includes('W4'));
  const moved = { ...solo, weights: { A: 2, B: 1, W: 0 } };
  t.notOk(
    rows({ ...alone(moved), peerForgotAt: lost.peerForgotAt }).some((id) => id === 'W2' || id === 'W4'),
    'they stay while it asks',
  );
  t.same(rows(alone(moved)), ['W2'], 'and go back when it asks no more');
});
