/** The REST door described as OpenAPI 3.1, made from the tables of methods and actions. Pure. */

import type { TSchema } from 'typebox';
import { ERROR_CODES } from '../shared/errors/codes.ts';
import { ACTION_NAMES, ACTION_PARAMS, ActionResultSchema } from '../shared/protocol/actions.ts';
import { METHODS, type MethodSpec } from '../shared/protocol/methods.ts';

export function renderOpenApi(version: string): Record<string, unknown> {
  const paths: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries<MethodSpec>(METHODS)) {
    if (spec.rest === undefined || name === 'action') continue;
    paths[spec.rest.path] = { [spec.rest.verb.toLowerCase()]: operation(name, spec) };
  }
  for (const name of ACTION_NAMES) paths[`/v1/actions/${name}`] = { post: actionOperation(name) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'hotpair agent',
      version,
      description: 'Local actions of one database host. Every connection needs a client certificate.',
    },
    paths,
    components: {
      schemas: { Error: errorSchema() },
      securitySchemes: { mutualTLS: { type: 'mutualTLS' } },
    },
    security: [{ mutualTLS: [] }],
  };
}

function operation(name: string, spec: MethodSpec): Record<string, unknown> {
  return {
    operationId: name,
    summary: spec.summary,
    parameters: queryParameters(spec.params),
    responses: responses(spec.result),
  };
}

function queryParameters(params: TSchema): unknown[] {
  const properties = 'properties' in params ? Object.entries(params.properties as object) : [];
  return properties.map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function actionOperation(name: (typeof ACTION_NAMES)[number]): Record<string, unknown> {
  const { mode, key, deadlineMs } = METHODS.action.params.properties;
  const body = {
    type: 'object',
    properties: { mode, key, deadlineMs, params: ACTION_PARAMS[name] },
    required: ['mode', 'params'],
    additionalProperties: false,
  };
  return {
    operationId: `action.${name}`,
    summary: `Run ${name}.`,
    requestBody: { required: true, content: { 'application/json': { schema: body } } },
    responses: responses(ActionResultSchema),
  };
}

const responses = (schema: TSchema): Record<string, unknown> => ({
  200: { description: 'The answer.', content: { 'application/json': { schema } } },
  default: {
    description: 'The call failed.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  },
});

const errorSchema = (): Record<string, unknown> => ({
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: Object.keys(ERROR_CODES) },
        message: { type: 'string' },
        data: { type: 'object' },
      },
    },
  },
});
