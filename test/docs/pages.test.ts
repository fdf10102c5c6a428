/** The generated pages of docs/ are what the tables say today; npm run docs writes them again. */

import { readFile } from 'node:fs/promises';
import { test } from 'tap';
import { PAGES } from '../../docs/generator/pages.ts';
import { typeText } from '../../docs/generator/type-text.ts';
import { ERROR_CODES } from '../../shared/errors/codes.ts';
import { ACTION_NAMES } from '../../shared/protocol/actions.ts';
import { METHODS } from '../../shared/protocol/methods.ts';

async function committed(name: string): Promise<string> {
  return readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
}

for (const [name, render] of Object.entries(PAGES)) {
  test(`docs/${name} is up to date`, async (t) => {
    t.equal(await committed(name), render(), 'npm run docs brings it up to date');
  });
}

test('every code, method and action has its place, and no other is named', async (t) => {
  const named = (text: string, pattern: RegExp): string[] =>
    [...text.matchAll(pattern)].map(([, name = '']) => name);
  t.strictSame(named(await committed('errors.md'), /^\| `([A-Z_]+)`/gm), Object.keys(ERROR_CODES));
  const protocol = await committed('protocol.md');
  t.strictSame(named(protocol, /^\| `([a-z.]+)`/gm), Object.keys(METHODS));
  t.strictSame(named(protocol, /^### Parameters of `([a-z-]+)`/gm), ACTION_NAMES);
});

test('types are written as people read them', async (t) => {
  t.equal(typeText({ anyOf: [{ const: 'plan' }, { const: 'apply' }] }), '"plan" | "apply"');
  t.equal(
    typeText({ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } }),
    '(string | null)[]',
  );
  const object = { type: 'object', required: ['a'], properties: { a: { type: 'integer' }, b: {} } };
  t.equal(typeText(object), '{\n  a: integer;\n  b?: unknown;\n}');
  t.equal(typeText({ type: 'object', properties: {} }), '{}');
});
