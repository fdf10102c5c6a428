/** Requests that the OpenAPI document describes, and those that it does not, made up from the document itself. */

import fc from 'fast-check';
import { test } from 'tap';
import { ProblemSchema } from '../../../shared/api/problem.ts';
import { fits } from '../../../shared/protocol/decode.ts';
import { type AskInit, type ServedApi, serveApi } from '../../support/serve-api.ts';

/** The part of JSON Schema that the document uses. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Ends by itself only when its job does, and is the same for every job. */
const STREAMS = ['jobProgress'];
const RUNS = 25;

/** Mostly what the schema wants, now and then anything. */
function someValue(schema: Schema): fc.Arbitrary<unknown> {
  const good = goodValue(schema);
  return fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });
}

function goodValue(schema: Schema): fc.Arbitrary<unknown> {
  const { type, anyOf, pattern, minimum, maximum, properties, required = [] } = schema;
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(goodValue));
  if (type === 'boolean') return fc.boolean();
  if (type === 'integer')
    return fc.integer({ min: Math.max(minimum ?? 0, -(2 ** 31)), max: Math.min(maximum ?? 1000, 2 ** 31) });
  if (type === 'object')
    return fc.record(
      Object.fromEntries(Object.entries(properties ?? {}).map(([k, v]) => [k, someValue(v)])),
      {
        requiredKeys: [...required],
      },
    );
  const text = fc.string({ maxLength: Math.min(schema.maxLength ?? 40, 200), unit: 'binary' });
  return pattern === undefined
    ? fc.oneof(text, fc.constantFrom('orders', 'db1', 'db2'))
    : fc.stringMatching(new RegExp(pattern));
}

interface Wish {
  readonly path: string;
  readonly init: AskInit;
}

function requestOf(path: string, method: string, operation: Operation): fc.Arbitrary<Wish> {
  const { parameters, requestBody } = operation;
  const body = requestBody?.content['application/json']?.schema;
  const given = Object.fromEntries(parameters.map(({ name, schema }) => [name, someValue(schema)]));
  return fc
    .record({
      values: fc.record(given, {
        requiredKeys: parameters.filter((one) => one.in === 'path').map(({ name }) => name),
      }),
      pair: fc.constantFrom('orders', null),
      body: body === undefined ? fc.constant(undefined) : someValue(body),
    })
    .map(({ values, pair, body: content }) => {
      const text = (name: string): string =>
        name === 'pair' && pair !== null ? pair : printed((values as Record<string, unknown>)[name]);
      const query = parameters.filter((one) => one.in === 'query' && one.name in values);
      const search = new URLSearchParams(
        query.map(({ name }): [string, string] => [name, text(name)]),
      ).toString();
      const place = path.replaceAll(
        /\{([a-z]+)\}/g,
        (_all, name: string) => encodeURIComponent(text(name)) || '-',
      );
      return {
        path: `${place}${search === '' ? '' : `?${search}`}`,
        init: { method: method.toUpperCase(), body: dry(content) },
      };
    });
}

const printed = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed();

/** Nothing is to be done to a pair here. */
function dry(body: unknown): unknown {
  const real = typeof body === 'object' && body !== null && 'dryRun' in body && body.dryRun === false;
  return real ? { ...body, dryRun: true } : body;
}

test('no request makes the daemon fail, whatever it asks for', async (t) => {
  const api = await serveApi(t, { requestsPerMinute: 100_000 });
  const { paths } = (await api.ask('/v1/openapi.json')).json as Document;
  let asked = 0;
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      if (STREAMS.includes(operation.operationId)) continue;
      const runs = method === 'post' ? Math.ceil(RUNS / 3) : RUNS;
      await fc.assert(
        fc.asyncProperty(requestOf(path, method, operation), async (wish) => {
          asked += 1;
          await assertAnswered(api, wish);
        }),
        { numRuns: runs },
      );
      t.pass(`${method} ${path}`);
    }
  t.ok(asked > 300, `${asked} requests`);
});

/** 503 and 504 are of hosts that are not there. */
async function assertAnswered(api: ServedApi, { path, init }: Wish): Promise<void> {
  const { status, json, text } = await api.ask(path, init);
  const allowed = status < 500 || status === 503 || status === 504;
  if (!allowed) throw new Error(`${status} ${text}`);
  if (status >= 400 && !fits(ProblemSchema, json)) throw new Error(`no problem: ${status} ${text}`);
}
