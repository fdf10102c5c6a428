/** The REST interface as OpenAPI 3.1, made from the table of routes. Pure. */

import { PROBLEM_TYPE, ProblemSchema } from '../../shared/api/problem.ts';
import { ROUTES, type RouteSpec } from '../../shared/api/routes.ts';

export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<string, Record<string, unknown>>;
}

export function renderOpenApi(version: string): OpenApi {
  const paths: OpenApi['paths'] = {};
  for (const [name, route] of Object.entries<RouteSpec>(ROUTES)) {
    const path = route.path.replaceAll(/:([a-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route) };
  }
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'hotpair coordinator',
      version,
      description: 'Hot-standby pairs of MariaDB hosts: their state, their history, and commands to them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: ProblemSchema },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ token: [] }],
  };
  // What was made here is the same with other words for tuples.
  return inNewWords(document) as typeof document;
}

/** JSON Schema 2020-12, which OpenAPI 3.1 speaks, has "prefixItems" for the items of a tuple. */
function inNewWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inNewWords);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'additionalItems');
  return Object.fromEntries(
    entries.flatMap(([key, inner]): [string, unknown][] =>
      key === 'items' && Array.isArray(inner)
        ? [
            ['prefixItems', inNewWords(inner)],
            ['items', false],
          ]
        : [[key, inNewWords(inner)]],
    ),
  );
}

function operation(name: string, route: RouteSpec): Record<string, unknown> {
  const { summary, role, body, status = 200 } = route;
  return {
    operationId: name,
    summary,
    ...(role === 'anyone' ? { security: [] } : { description: `Needs the role ${role}.`, 'x-role': role }),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query'), ...keyOf(route)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: false, content: { 'application/json': { schema: body } } } }),
    responses: {
      [status]: { description: 'The answer.', content: content(route) },
      default: {
        description: 'What went wrong.',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

function content({ produces, result }: RouteSpec): Record<string, unknown> {
  const types = produces === undefined ? ['application/json'] : produces.split(/, | or /);
  return Object.fromEntries(types.map((type) => [type, { schema: result }]));
}

function parameters(schema: RouteSpec['params'], place: 'path' | 'query'): unknown[] {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    ...{ name, in: place, required: place === 'path' || required.has(name), schema: property },
  }));
}

/** Commands may be sent twice and are done once. */
function keyOf({ method }: RouteSpec): unknown[] {
  if (method !== 'POST') return [];
  return [
    {
      ...{ name: 'Idempotency-Key', in: 'header', required: false },
      description: 'The same key with the same command: the job of the first time, whatever became of it.',
      schema: { type: 'string', minLength: 1, maxLength: 128 },
    },
  ];
}
