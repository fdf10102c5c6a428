/** Whatever the text is, reading hotpair.yaml answers a spec or CONFIG_INVALID with places inside the text. */

import fc from 'fast-check';
import { test } from 'tap';
import { parse, stringify } from 'yaml';
import { EXAMPLE } from '../../../coordinator/config/example.ts';
import { parseFile, problemsOf } from '../../support/config-text.ts';

const RUNS = { numRuns: 300 };

function answersProperly(text: string): boolean {
  const lines = text.split('\n').length;
  return problemsOf(text).every(
    ({ line, column, message }) => line >= 1 && line <= lines + 1 && column >= 1 && message !== '',
  );
}

test('arbitrary text', async () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), answersProperly), RUNS);
});

test('arbitrary YAML made of the characters that mean something in it', async () => {
  const unit = fc.constantFrom(
    ...'pairs:hosts{}[]&*!|>"\'%@`-,? \n\t#<0.e~',
    '  ',
    '\n  ',
    'vip: ',
    '&a ',
    '*a',
    '__proto__: ',
  );
  fc.assert(fc.property(fc.string({ unit, maxLength: 60 }), answersProperly), RUNS);
});

test('arbitrary data in the place of the file', async () => {
  const data = fc.object({
    key: fc.constantFrom(
      'pairs',
      'orders',
      'hosts',
      'reports',
      'to',
      'coordinator',
      'smtp',
      '__proto__',
      'x',
    ),
    maxDepth: 5,
  });
  fc.assert(
    fc.property(data, (value) => answersProperly(stringify(value))),
    RUNS,
  );
});

test('the example with a piece cut out, doubled or replaced', async () => {
  const at = fc.nat({ max: EXAMPLE.length });
  const mutation = fc.tuple(at, fc.nat({ max: 40 }), fc.string({ maxLength: 12 }));
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      let text = EXAMPLE;
      for (const [from, length, piece] of mutations)
        text = text.slice(0, from) + piece + text.slice(from + (piece === '' ? -length : length));
      return answersProperly(text);
    }),
    RUNS,
  );
});

test('hostile YAML: deep nesting, aliases that multiply, huge files', async (t) => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...[...'bcdefgh'].map(
      (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`,
    ),
  ];
  for (const text of ['['.repeat(50_000), `${'a: '.repeat(5000)}`, bomb.join('\n'), 'x'.repeat(2_000_000)])
    t.ok(problemsOf(text).length > 0);
});

test('the example is valid and says what the defaults are: round trip, and without its optional parts', async (t) => {
  const spec = parseFile(EXAMPLE);
  t.strictSame(parseFile(stringify(parse(EXAMPLE))), spec);
  const { pairs } = parse(EXAMPLE);
  const { vip, hosts } = pairs.orders;
  t.strictSame(parseFile(stringify({ pairs: { orders: { vip, hosts } } })), spec);
});

test('every commented-out line of the example is valid too', async (t) => {
  const text = EXAMPLE.replaceAll(/^( *)# (?=( *)[a-z_-]+:|( *)- )/gm, '$1').replace(
    'address: 10.88.0.11        #',
    'address: 10.88.0.11 #',
  );
  t.strictSame(problemsOf(text), []);
  t.match(parseFile(text), {
    pairs: [{ database: { settings: { max_connections: '500' }, application: { user: 'shop' } } }],
    reports: { timezone: 'Asia/Shanghai' },
    coordinator: { smtp: { tls: 'starttls' } },
  });
});
