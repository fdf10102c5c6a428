/** The decoder of untrusted frames: what it accepts it gives back as it was, everything else is MALFORMED_FRAME. */

import fc from 'fast-check';
import { test } from 'tap';
import { AppError } from '../../../shared/errors/app-error.ts';
import { decodeEnvelope, type Envelope, encodeEnvelope } from '../../../shared/protocol/envelope.ts';

const id = fc.oneof(fc.integer(), fc.string({ minLength: 1, maxLength: 128 }));
const method = fc.string({ minLength: 1, maxLength: 128 });
const json = fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)));
const params = fc.oneof(
  json.filter((value) => value !== null),
  fc.constant({}),
);

const envelope: fc.Arbitrary<Envelope> = fc.oneof(
  fc.record({ kind: fc.constant('request' as const), id, method, params }),
  fc.record({
    kind: fc.constant('request' as const),
    id,
    method,
    params,
    deadlineMs: fc.integer({ min: 1, max: 2 ** 50 }),
  }),
  fc.record({ kind: fc.constant('notification' as const), method, params }),
  fc.record({ kind: fc.constant('result' as const), id, result: json }),
  fc.record({
    kind: fc.constant('error' as const),
    id: fc.oneof(id, fc.constant(null)),
    error: fc.record({ code: fc.constant('REFUSED' as const), message: fc.string(), data: fc.constant({}) }),
  }),
);

test('what is encoded is decoded as it was', async (t) => {
  fc.assert(
    fc.property(envelope, (value) => {
      const back = decodeEnvelope(encodeEnvelope(value));
      if (JSON.stringify(sorted(back)) !== JSON.stringify(sorted(value)))
        throw new Error(`${JSON.stringify(back)} is not ${JSON.stringify(value)}`);
    }),
    { numRuns: 500 },
  );
  t.pass('500 envelopes');
});

test('any text is an envelope or MALFORMED_FRAME, never another error', async (t) => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.json(),
    envelope.map(encodeEnvelope).chain((whole) => fc.nat(whole.length).map((cut) => whole.slice(0, cut))),
    fc
      .dictionary(fc.constantFrom('jsonrpc', 'id', 'method', 'params', 'error', 'result', '__proto__'), json)
      .map((value) => JSON.stringify({ jsonrpc: '2.0', ...value })),
  );
  fc.assert(
    fc.property(text, (value) => {
      try {
        decodeEnvelope(value);
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'MALFORMED_FRAME') throw error;
      }
    }),
    { numRuns: 2000 },
  );
  t.pass('2000 texts');
});

test('frames that look right and are not', async (t) => {
  for (const text of [
    '[{"jsonrpc":"2.0","id":1,"method":"health"}]',
    '{"jsonrpc":"2.0","id":null,"method":"health"}',
    '{"jsonrpc":"2.0","id":1.5,"method":"health"}',
    '{"jsonrpc":"2.0","id":"","method":"health"}',
    `{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(129)}"}`,
    '{"jsonrpc":"2.0","id":1,"method":"health","deadlineMs":0}',
    '{"jsonrpc":"2.0","id":1,"method":"health","deadlineMs":"5"}',
    '{"jsonrpc":"2.0","id":1}',
    '"2.0"',
    'null',
  ])
    t.throws(() => decodeEnvelope(text), { code: 'MALFORMED_FRAME' }, text.slice(0, 60));
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
