import { test } from 'tap';
import {
  answerFounding,
  type ComparePositions,
  type FoundingEvent,
  type FoundingFacts,
  type FoundingMessage,
  type FoundingState,
  foundingStep,
  startFounding,
} from '../../../shared/pair/founding.ts';
import { firstRecord, type PairRecord } from '../../../shared/pair/record.ts';
import { firstLedger, type Ledger } from '../../../shared/pair/voter.ts';
import { EQUAL_WEIGHTS, NODES, type NodeId, peerOf, survivorWeights } from '../../../shared/pair/weights.ts';

/** Positions of the tests are counts of rows; `x` and `y` are branches that know nothing of each other. */
const compare: ComparePositions = (own, peer) => {
  if (own === peer) return 'level';
  if (own === 'x' || peer === 'x') return 'parted';
  return Number(own) > Number(peer) ? 'ahead' : 'behind';
};
const factsAt = (position: string, differing: Partial<FoundingFacts> = {}): FoundingFacts => ({
  ...{ serverUp: true, writable: false, position },
  ...differing,
});

/** Two nodes whose messages arrive at once; after `rounds` looks of both. */
class Couple {
  readonly facts: Record<NodeId, FoundingFacts>;
  readonly states: Record<NodeId, FoundingState>;
  readonly ledgers: Record<NodeId, Ledger | null>;
  readonly decided: Record<NodeId, PairRecord | null> = { A: null, B: null };
  /** How often a node has told that its ledger is lost. */
  lost = 0;
  #now = 0;

  constructor(a: FoundingFacts, b: FoundingFacts, ledgers: Partial<Record<NodeId, Ledger>> = {}) {
    this.facts = { A: a, B: b };
    this.states = { A: startFounding('A', 1), B: startFounding('B', 1) };
    this.ledgers = { A: null, B: null, ...ledgers };
  }

  run(rounds = 9): this {
    for (let round = 0; round < rounds; round++) {
      this.#now += 100;
      for (const id of NODES) this.#step(id, { kind: 'look', facts: this.facts[id] });
    }
    return this;
  }

  record(id: NodeId): PairRecord | null {
    return this.ledgers[id]?.record ?? null;
  }

  #step(id: NodeId, event: FoundingEvent): void {
    const ledger = this.ledgers[id];
    if (ledger !== null) {
      if (event.kind !== 'message') return;
      const answer = answerFounding(id, event.message, ledger, this.decided[id]);
      if (answer !== null) this.#step(peerOf(id), { kind: 'message', message: answer });
      return;
    }
    const { state, effects } = foundingStep(this.states[id], event, this.#now, compare);
    this.states[id] = state;
    for (const effect of effects)
      if (effect.kind === 'found') this.ledgers[id] = effect.ledger;
      else if (effect.kind === 'lost') this.lost += 1;
      else this.#step(peerOf(id), { kind: 'message', message: effect.message });
  }
}

test('the node that has everything of the other one is the first primary, A of two equals', async (t) => {
  const cases: [FoundingFacts, FoundingFacts, NodeId][] = [
    [factsAt('0'), factsAt('0'), 'A'],
    [factsAt('7'), factsAt('5'), 'A'],
    [factsAt('5'), factsAt('7'), 'B'],
    [factsAt('x'), factsAt('x'), 'A'],
    [factsAt('7', { writable: true }), factsAt('7'), 'A'],
    [factsAt('7'), factsAt('7', { writable: true }), 'B'],
    [factsAt('5'), factsAt('7', { writable: true }), 'B'],
  ];
  for (const [a, b, primary] of cases) {
    const couple = new Couple(a, b).run();
    t.same(couple.ledgers.A, firstLedger(firstRecord(primary)));
    t.same(couple.ledgers.B, couple.ledgers.A, `both know ${primary}`);
    t.same(couple.record('B')?.weights, survivorWeights(primary), 'the primary is a majority alone');
  }
});

test('a pair that cannot be founded says why, and is founded when the reason is gone', async (t) => {
  const cases: [FoundingFacts, FoundingFacts, RegExp][] = [
    [factsAt('x'), factsAt('5'), /Neither server has everything of the other: A is at x, B at 5/],
    [factsAt(''), factsAt('x'), /A is at nothing, B at x/],
    [factsAt('5', { serverUp: false }), factsAt('5'), /server of node A is not up/],
    [factsAt('5'), factsAt('5', { serverUp: false }), /server of node B is not up/],
    [factsAt('5', { writable: true }), factsAt('5', { writable: true }), /Both servers accept writes/],
    [factsAt('5', { writable: true }), factsAt('7'), /Neither server/],
    [factsAt('7'), factsAt('5', { writable: true }), /Neither server/],
  ];
  for (const [a, b, reason] of cases) {
    const couple = new Couple(a, b).run();
    t.same(couple.ledgers, { A: null, B: null });
    t.match(couple.states.A.reason, reason);
    t.match(couple.states.B.reason, /Node A has not founded the pair yet/);
    couple.facts.A = couple.facts.B = factsAt('9');
    t.same(couple.run().record('B'), firstRecord('A'));
  }
});

test('a node that was not read as closed throughout is not passed over', async (t) => {
  const couple = new Couple(factsAt('5', { writable: true }), factsAt('7')).run(1);
  couple.facts.A = factsAt('8');
  couple.run(1);
  t.same(couple.record('B'), null, 'its rows from between the two readings may be missing on B');
  t.same(couple.run().record('B'), firstRecord('A'));
});

test('a node that lost its ledger comes back only where its votes cannot count', async (t) => {
  const later = (weights: PairRecord['weights']): PairRecord => ({
    ...firstRecord('A'),
    ...{ epoch: 7, since: 7, mode: 'sync', weights },
  });
  const harmless = later(survivorWeights('A'));
  const cases: [string, PairRecord, PairRecord | null, boolean][] = [
    ['the first record', firstRecord('A'), null, true],
    ['the other one is every majority', harmless, harmless, true],
    ['the same, not known to be decided', harmless, null, false],
    ['the same, and something newer is accepted', harmless, { ...harmless, epoch: 6 }, false],
    ['its vote counts', later(EQUAL_WEIGHTS), later(EQUAL_WEIGHTS), false],
    ['it was every majority itself', later(survivorWeights('B')), later(survivorWeights('B')), false],
    ['it was the first primary', firstRecord('B'), null, false],
  ];
  for (const [name, record, decided, comes] of cases) {
    const couple = new Couple(factsAt('9'), factsAt('9'), { A: firstLedger(record) });
    couple.decided.A = decided;
    couple.run();
    t.same(couple.ledgers.B, comes ? firstLedger(record) : null, name);
    t.same(couple.ledgers.A, firstLedger(record), 'who has a ledger keeps it');
    t.equal(couple.lost > 0, !comes, 'and is told of the loss until it matters no more');
    if (!comes)
      t.match(couple.states.B.reason, /Node B lost its record .* of epoch \d.* takes no part/, name);
  }
});

test('a write that fails leaves the founding where it was', async (t) => {
  const couple = new Couple(factsAt('5'), factsAt('7')).run();
  t.ok(couple.ledgers.B);
  couple.ledgers.B = null;
  couple.ledgers.A = null;
  couple.facts.B = factsAt('5');
  t.same(couple.run(6).record('B'), firstRecord('A'));
});

interface World {
  readonly states: Readonly<Record<NodeId, FoundingState>>;
  readonly disks: Readonly<Record<NodeId, Ledger | null>>;
  readonly crashes: number;
  /** Everything that was ever sent: each of it may arrive at any time, any number of times, or never. */
  readonly sent: readonly string[];
}

/** Of one run of a node, besides the ask that follows a tell that was used. */
const MOST_ASKS = 1;
const MOST_TURNS = 2;
const MOST_CRASHES = 1;
const READINGS = [factsAt('5'), factsAt('7')];

type Deliver = (message: FoundingMessage, to: FoundingState) => FoundingMessage;

/** Every order of looks, messages, crashes and writes of rows; answers the worlds with two different records. */
function explore(deliver: Deliver): { states: number; founded: number; torn: number } {
  const start: World = {
    ...{ states: { A: startFounding('A', 1), B: startFounding('B', 1) } },
    ...{ disks: { A: null, B: null }, crashes: 0, sent: [] },
  };
  const seen = new Set([JSON.stringify(start)]);
  const open = [start];
  let founded = 0;
  let torn = 0;
  for (let world = open.pop(); world !== undefined; world = open.pop()) {
    const { A, B } = world.disks;
    if (A !== null && B !== null) founded++;
    if (A !== null && B !== null && A.record.primary !== B.record.primary) torn++;
    for (const next of successors(world, deliver)) {
      const key = JSON.stringify(next);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(next);
    }
  }
  return { states: seen.size, founded, torn };
}

function* successors(world: World, deliver: Deliver): Generator<World> {
  for (const id of NODES) {
    const state = world.states[id];
    if (world.crashes < MOST_CRASHES) {
      const states = { ...world.states, [id]: startFounding(id, state.boot + 1) };
      yield { ...world, states, crashes: world.crashes + 1 };
    }
    // Any reading at any time: rows come and go as the founding may have seen them.
    const more = state.told !== null || state.asks < MOST_ASKS || state.wanted !== null;
    if (world.disks[id] === null && more && state.turns < MOST_TURNS)
      for (const facts of state.told === null ? READINGS.slice(0, 1) : READINGS)
        yield step(world, id, { kind: 'look', facts });
    for (const text of world.sent) {
      const message = JSON.parse(text) as FoundingMessage;
      if (message.by !== id) yield step(world, id, { kind: 'message', message: deliver(message, state) });
    }
  }
}

function step(world: World, id: NodeId, event: FoundingEvent): World {
  const ledger = world.disks[id];
  if (ledger !== null) {
    const answer = event.kind === 'message' ? answerFounding(id, event.message, ledger, ledger.record) : null;
    return answer === null ? world : { ...world, sent: withSent(world.sent, answer) };
  }
  const { state, effects } = foundingStep(world.states[id], event, Number.MAX_SAFE_INTEGER, compareAny);
  let { disks, sent } = world;
  for (const effect of effects)
    if (effect.kind === 'found') disks = { ...disks, [id]: effect.ledger };
    else if (effect.kind === 'send' && matters(effect.message)) sent = withSent(sent, effect.message);
  return { ...world, states: { ...world.states, [id]: { ...state, reason: '' } }, disks, sent };
}

/** What B asks only gets it what A has: left out, so that the search comes to its end. */
const matters = ({ kind, by }: FoundingMessage): boolean => kind !== 'found-ask' || by === 'A';

/** A at 5 is taken for behind, at 7 for ahead: A may choose either node each time that it looks. */
const compareAny: ComparePositions = (own) => (own === '5' ? 'behind' : 'ahead');

function withSent(sent: readonly string[], message: FoundingMessage): readonly string[] {
  return [...new Set([...sent, JSON.stringify(message)])].sort();
}

test('whatever is lost, doubled, late or crashes, the two never found different records', async (t) => {
  const { states, founded, torn } = explore((message) => message);
  t.comment(`${states} states, ${founded} of them founded`);
  t.ok(founded > 0);
  t.equal(torn, 0);
});

test('the search finds the fault of a node that takes proposals for any turn', async (t) => {
  const { torn } = explore((message, to) =>
    message.kind === 'found-propose' ? { ...message, turn: { boot: to.boot, seq: to.turns } } : message,
  );
  t.ok(torn > 0);
});
