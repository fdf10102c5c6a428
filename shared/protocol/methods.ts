/**
 * The table of methods that an agent answers, on the WebSocket (JSON-RPC 2.0) and, where `rest` says so, over REST.
 * Types, decoders, REST routes and OpenAPI come from this table.
 */

import { type Static, type TSchema, Type } from 'typebox';
import {
  AddressSchema,
  HeartbeatSchema,
  HostFactsSchema,
  ReplicationChannelSchema,
  ServiceStateSchema,
} from '../model/facts.ts';
import { GuardDecisionSchema } from '../model/guard-decision.ts';
import { ActionResultSchema } from './actions.ts';
import { GuardAnswerSchema, GuardCommandSchema } from './guard-command.ts';

const strict = { additionalProperties: false } as const;
const Empty = Type.Object({}, strict);

export const JournalEntrySchema = Type.Object(
  {
    time: Type.Integer(),
    /** Common name of the caller's certificate. */
    caller: Type.String(),
    action: Type.String(),
    mode: Type.String(),
    outcome: Type.String(),
    durationMs: Type.Number(),
    /** Parameters with secrets redacted. */
    params: Type.Unknown(),
    error: Type.Optional(Type.String()),
  },
  strict,
);
export type JournalEntry = Static<typeof JournalEntrySchema>;

export interface MethodSpec {
  readonly params: TSchema;
  readonly result: TSchema;
  readonly summary: string;
  readonly rest?: { readonly verb: 'GET' | 'POST'; readonly path: string };
}

export const METHODS = {
  hello: {
    summary: 'First call on a connection: versions and identity of both sides.',
    params: Type.Object({ protocol: Type.Integer(), version: Type.String(), client: Type.String() }, strict),
    result: Type.Object(
      {
        protocol: Type.Integer(),
        version: Type.String(),
        host: Type.String(),
        bootId: Type.String(),
        startedAt: Type.Integer(),
      },
      strict,
    ),
  },
  health: {
    summary: 'The agent answers.',
    params: Empty,
    result: Type.Object(
      {
        status: Type.Literal('ok'),
        version: Type.String(),
        host: Type.String(),
        uptimeSeconds: Type.Number(),
      },
      strict,
    ),
    rest: { verb: 'GET', path: '/v1/health' },
  },
  facts: {
    summary: 'Facts of the host.',
    params: Empty,
    result: HostFactsSchema,
    rest: { verb: 'GET', path: '/v1/facts' },
  },
  addresses: {
    summary: 'Addresses of the host.',
    params: Empty,
    result: Type.Array(AddressSchema),
    rest: { verb: 'GET', path: '/v1/addresses' },
  },
  replication: {
    summary: 'Replication of the local server, as the replica sees it.',
    params: Empty,
    result: Type.Union([ReplicationChannelSchema, Type.Null()]),
    rest: { verb: 'GET', path: '/v1/replication' },
  },
  services: {
    summary: 'States of the services that hotpair uses.',
    params: Empty,
    result: Type.Array(ServiceStateSchema),
    rest: { verb: 'GET', path: '/v1/services' },
  },
  actions: {
    summary: 'Names of the actions and the schemas of their parameters.',
    params: Empty,
    result: Type.Array(Type.Object({ name: Type.String(), params: Type.Unknown() }, strict)),
    rest: { verb: 'GET', path: '/v1/actions' },
  },
  journal: {
    summary: 'The last calls of actions, newest last.',
    params: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })) }, strict),
    result: Type.Array(JournalEntrySchema),
    rest: { verb: 'GET', path: '/v1/journal' },
  },
  decisions: {
    summary:
      'What the guard decided after the decision with this id, oldest first; from the oldest that is kept where the id is not known.',
    params: Type.Object(
      {
        after: Type.Optional(Type.Union([Type.String({ maxLength: 32 }), Type.Null()])),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
      },
      strict,
    ),
    result: Type.Array(GuardDecisionSchema),
    rest: { verb: 'GET', path: '/v1/decisions' },
  },
  heartbeat: { summary: 'One heartbeat now.', params: Empty, result: HeartbeatSchema },
  'heartbeat.subscribe': {
    summary:
      'Push heartbeats on this connection (notification "heartbeat") until it closes: the first complete, later ones with what has changed.',
    params: Type.Object({ intervalMs: Type.Integer({ minimum: 100, maximum: 60_000 }) }, strict),
    result: Empty,
  },
  'log.follow': {
    summary:
      'Push new journal lines of units on this connection (notification "log") until it closes or the call is cancelled.',
    params: Type.Object(
      { units: Type.Array(Type.String()), lines: Type.Integer({ minimum: 0, maximum: 10_000 }) },
      strict,
    ),
    result: Empty,
  },
  action: {
    summary: 'Run an action. Same key and same parameters: the first answer again.',
    params: Type.Object(
      {
        name: Type.String(),
        mode: Type.Union([Type.Literal('plan'), Type.Literal('apply')]),
        params: Type.Unknown(),
        key: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
        deadlineMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400_000 })),
      },
      strict,
    ),
    result: ActionResultSchema,
    rest: { verb: 'POST', path: '/v1/actions/:name' },
  },
  'guard.command': {
    summary:
      'Ask the guard of this host for a switchover or another command; it says yes, or no with its reason.',
    params: Type.Object({ command: GuardCommandSchema }, strict),
    result: GuardAnswerSchema,
  },
  claim: {
    summary:
      'Take the pair for a change; held until release or until this connection closes. PAIR_BUSY names the holder.',
    params: Type.Object({ pair: Type.String(), owner: Type.String() }, strict),
    result: Empty,
  },
  release: {
    summary: 'Give the pair back.',
    params: Type.Object({ pair: Type.String() }, strict),
    result: Empty,
  },
} as const satisfies Record<string, MethodSpec>;

export type MethodName = keyof typeof METHODS;
type EachMethod = {
  readonly [M in MethodName]: {
    readonly params: Static<(typeof METHODS)[M]['params']>;
    readonly result: Static<(typeof METHODS)[M]['result']>;
  };
};
/** An interface keeps the type checker from working every schema out again for each comparison of generic calls. */
interface MethodTypes extends EachMethod {}
export type MethodParams<M extends MethodName> = MethodTypes[M]['params'];
export type MethodResult<M extends MethodName> = MethodTypes[M]['result'];

export function isMethodName(value: unknown): value is MethodName {
  return typeof value === 'string' && Object.hasOwn(METHODS, value);
}
