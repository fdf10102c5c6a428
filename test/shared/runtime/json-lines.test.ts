import { Readable } from 'node:stream';
import fc from 'fast-check';
import { test } from 'tap';
import { readJsonLines } from '../../../shared/runtime/json-lines.ts';

async function collect(chunks: readonly (Uint8Array | string)[], most = 1000): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of readJsonLines(Readable.from(chunks), most)) values.push(value);
  return values;
}

test('lines come out whole however the stream was cut', async (t) => {
  t.same(await collect(['{"a":1}\n{"b"', ':2}\n\n', '  \n3']), [{ a: 1 }, { b: 2 }, 3]);
  t.same(await collect([]), []);
  const property = fc.asyncProperty(
    fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 }),
    fc.integer({ min: 1, max: 7 }),
    async (values, size) => {
      const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      // -0 is 0 in JSON.
      t.same(JSON.stringify(await collect(chunks, 100_000)), JSON.stringify(values));
    },
  );
  await fc.assert(property, { numRuns: 100 });
});

test('a line that is no JSON or too long ends it, the latter before its end has come', async (t) => {
  await t.rejects(collect(['1\nnope\n']), { code: 'MALFORMED_FRAME', message: /nope/ });
  await t.rejects(collect([`"${'x'.repeat(200)}"\n`], 100), { code: 'MALFORMED_FRAME' });
  async function* endless(): AsyncGenerator<string> {
    for (;;) yield 'x'.repeat(64);
  }
  const read = readJsonLines(endless(), 1000).next();
  await t.rejects(read, { code: 'MALFORMED_FRAME', message: /longer than 1000/ });
});
