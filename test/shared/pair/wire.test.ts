import fc from 'fast-check';
import { test } from 'tap';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Standing } from '../../../shared/pair/founding.ts';
import type { VoteAnswer, VoteRequest } from '../../../shared/pair/messages.ts';
import type { PairRecord } from '../../../shared/pair/record.ts';
import { NODES, VOTERS, type Weights } from '../../../shared/pair/weights.ts';
import {
  decodeLine,
  encodeLine,
  MAX_LINE,
  speaksForItself,
  type VoterMessage,
  type WireLine,
} from '../../../shared/pair/wire.ts';

const count = fc.maxSafeNat();
const node = fc.constantFrom(...NODES);
const voter = fc.constantFrom(...VOTERS);
const stamp = fc.record({ boot: count, seq: count });
const ballot = fc.record({ epoch: count, by: node });
const gtids = fc.constantFrom('', '0-1-42', '0-2-18446744073709551615,101-1-7');
const text = fc.string({ maxLength: 40 }).filter((string) => !/\p{C}/u.test(string));
const weight = fc.integer({ min: 0, max: 9 });
const weights: fc.Arbitrary<Weights> = fc
  .record({ A: weight, B: weight, W: weight })
  .filter(({ A, B, W }) => A + B + W > 0);
const record: fc.Arbitrary<PairRecord> = fc
  .record({
    ...{ epoch: count, since: count, primary: node, weights },
    formerWeights: fc.option(weights, { nil: null }),
    mode: fc.constantFrom('sync' as const, 'solo' as const),
    takenOver: fc.constantFrom('never' as const, 'crash' as const, 'planned' as const, 'forced' as const),
  })
  .map(({ epoch, since, ...rest }) => ({
    ...{ epoch: Math.max(epoch, since), since: Math.min(epoch, since) },
    ...rest,
  }));
const kind = <K extends string>(name: K) => fc.constant(name);
const orNull = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null });

const request: fc.Arbitrary<VoteRequest> = fc.oneof(
  fc.record({ kind: kind('prepare'), by: node, epoch: count }),
  fc.record({ kind: kind('accept'), by: node, epoch: count, record }),
  fc.record({
    ...{ kind: kind('renew'), by: node, stamp, record },
    forgot: orNull(fc.record({ memory: count, before: count })),
  }),
  fc.record({
    ...{ kind: kind('release'), by: node, stamp },
    handover: orNull(fc.record({ epoch: count, position: count })),
  }),
  fc.record({ kind: kind('query'), by: node }),
);
const standing = { from: voter, record, promised: ballot };
const answer: fc.Arbitrary<VoteAnswer> = fc.oneof(
  fc.record({ kind: kind('promise'), epoch: count, ...standing }),
  fc.record({ kind: kind('accepted'), epoch: count, ...standing }),
  fc.record({ kind: kind('granted'), stamp, ...standing }),
  fc.record({
    ...{ kind: kind('refused'), ...standing },
    why: fc.constantFrom('outbid' as const, 'lease-fresh' as const, 'mute' as const, 'not-primary' as const),
    request: fc.constantFrom(...(['prepare', 'accept', 'renew', 'release', 'query'] as const)),
  }),
  fc.record({ kind: kind('state'), ...standing }),
);
const told: fc.Arbitrary<Standing> = fc.oneof(
  fc.record({
    kind: kind('empty'),
    turn: stamp,
    serverUp: fc.boolean(),
    writable: fc.boolean(),
    position: gtids,
  }),
  fc.record({ kind: kind('record'), record, settled: fc.boolean() }),
);
const message: fc.Arbitrary<VoterMessage> = fc.oneof(
  fc.record({
    ...{ kind: kind('beat'), stamp, promotable: fc.boolean(), threads: count, position: count },
    ...{ echo: orNull(count), applied: count, leaving: fc.boolean() },
  }),
  fc.record({ kind: kind('request'), request }),
  fc.record({ kind: kind('answer'), answer }),
  fc.record({ kind: kind('forgot'), memory: count }),
  fc.record({ kind: kind('found-ask'), by: node, stamp }),
  fc.record({ kind: kind('found-tell'), by: node, to: stamp, standing: told }),
  fc.record({ kind: kind('found-propose'), by: node, turn: stamp, record }),
);
const line: fc.Arbitrary<WireLine> = fc.oneof(
  { weight: 7, arbitrary: message },
  fc.record({ kind: kind('hello'), protocol: count, pair: text, from: voter }),
  fc.record({ kind: kind('bye'), reason: text }),
  fc.constantFrom({ kind: 'ping' as const }, { kind: 'heard' as const }),
);

/** What reading a line comes to; anything but a message and its own error is let through. */
function readOrRefuse(input: string): WireLine | 'refused' {
  try {
    return decodeLine(input);
  } catch (error) {
    if (error instanceof AppError && error.code === 'MALFORMED_FRAME') return 'refused';
    throw error;
  }
}

test('whatever is sent is read as it was, on one line', async (t) => {
  const property = fc.property(line, (sent) => {
    const text = encodeLine(sent);
    t.equal(text.indexOf('\n'), text.length - 1);
    t.same(decodeLine(text.slice(0, -1)), sent);
  });
  fc.assert(property, { numRuns: 500 });
});

test('a line that is changed anywhere is refused or is another whole message', async (t) => {
  const property = fc.property(line, fc.nat(), fc.string({ maxLength: 3 }), (sent, at, other) => {
    const text = encodeLine(sent).trimEnd();
    const cut = at % text.length;
    const read = readOrRefuse(text.slice(0, cut) + other + text.slice(cut + other.length));
    if (read !== 'refused') t.same(decodeLine(encodeLine(read).trimEnd()), read);
  });
  fc.assert(property, { numRuns: 1000 });
});

test('no key can be missing, foreign or of another type', async (t) => {
  const property = fc.property(
    line,
    fc.jsonValue({ maxDepth: 1 }),
    fc.string({ maxLength: 8 }),
    (sent, other, name) => {
      const flat: Record<string, unknown> = { ...sent };
      for (const key of Object.keys(flat)) {
        const { [key]: _left, ...rest } = flat;
        t.equal(readOrRefuse(JSON.stringify(rest)), 'refused', `${sent.kind} without ${key}`);
        const read = readOrRefuse(JSON.stringify({ ...rest, [key]: other }));
        if (read !== 'refused') t.same(read, JSON.parse(JSON.stringify({ ...rest, [key]: other })));
      }
      if (Object.hasOwn(flat, name)) return;
      const extended = JSON.stringify(Object.fromEntries([...Object.entries(flat), [name, other]]));
      t.equal(readOrRefuse(extended), 'refused', `${sent.kind} with ${name}`);
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test('garbage is refused by its own error, whatever it is', async (t) => {
  const garbage = fc.oneof(
    fc.string({ maxLength: 200, unit: 'binary' }),
    fc.json({ maxDepth: 4 }),
    fc.jsonValue().map((value) => JSON.stringify({ kind: 'answer', answer: value })),
  );
  fc.assert(
    fc.property(garbage, (input) => t.equal(readOrRefuse(input), 'refused')),
    { numRuns: 1000 },
  );
  const nested = `${'['.repeat(MAX_LINE / 2)}${']'.repeat(MAX_LINE / 2)}`;
  const hello = { kind: 'hello', protocol: 1, pair: 'orders', from: 'A' };
  for (const input of [
    nested,
    '',
    'null',
    '{"kind":"ping","__proto__":{}}',
    '{"kind":"constructor"}',
    `{"kind":"ping"}${' '.repeat(MAX_LINE)}`,
    JSON.stringify({ ...hello, protocol: 1.5 }),
    JSON.stringify({ ...hello, protocol: -1 }),
    JSON.stringify({ ...hello, from: 'C' }),
    JSON.stringify({ ...hello, pair: 'a\nb' }),
    JSON.stringify(hello).replace('1', '1e999'),
    JSON.stringify(hello).replace('1', '9007199254740993'),
  ])
    t.equal(readOrRefuse(input), 'refused', input.slice(0, 80));
});

test('what nobody would read is not sent', async (t) => {
  const beat = {
    ...{ kind: 'beat' as const, stamp: { boot: 1, seq: 1 }, promotable: true, threads: 1 },
    ...{ position: Number.NaN, echo: null, applied: 0, leaving: false },
  };
  t.throws(() => encodeLine(beat), { code: 'MALFORMED_FRAME', message: /message\.position/ });
  t.throws(() => encodeLine({ kind: 'bye', reason: 'x'.repeat(501) }), { code: 'MALFORMED_FRAME' });
});

test('no voter speaks for another', async (t) => {
  const property = fc.property(message, voter, (said, from) => {
    const own = speaksForItself(from, said);
    if (said.kind === 'request') t.equal(own, said.request.by === from);
    else if (said.kind === 'answer') t.equal(own, said.answer.from === from);
    else if (said.kind === 'beat') t.equal(own, from !== 'W');
    else t.equal(own, said.kind === 'forgot' || said.by === from);
  });
  fc.assert(property, { numRuns: 300 });
});
