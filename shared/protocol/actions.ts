/**
 * The table of actions: what an agent can be asked to make so (ensure) or to tell (read), with the schema of
 * the parameters. Types, the decoders, REST and OpenAPI come from this table; agent/registry.ts maps every name
 * to its implementation and does not compile when one is missing.
 */

import { type Static, type TSchema, Type } from 'typebox';

const strict = { additionalProperties: false } as const;
const IDENTIFIER = '^[A-Za-z0-9_$-]{1,64}$';
const UNIT = '^[A-Za-z0-9@_.-]{1,64}\\.service$';
const PACKAGE = '^[a-z0-9][a-z0-9+.-]{0,63}$';
const GTIDS = '^\\d+-\\d+-\\d+(,\\d+-\\d+-\\d+)*$';
const SAVED = '^[A-Za-z0-9-]{1,64}$';

const SqlEnsureParams = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('user'),
      user: Type.String({ minLength: 1, maxLength: 80 }),
      host: Type.String({ minLength: 1, maxLength: 255 }),
      /** Secret: never in diffs, the journal or logs. */
      password: Type.String({ minLength: 1, maxLength: 256 }),
      requireSsl: Type.Boolean(),
      /** Exact set of privileges, e.g. [{ privileges: ['REPLICATION SLAVE'], on: '*.*' }]. */
      grants: Type.Array(
        Type.Object(
          {
            privileges: Type.Array(Type.String({ pattern: '^[A-Z ]{3,40}$' })),
            database: Type.String(),
            table: Type.String(),
          },
          strict,
        ),
      ),
      /** false: the statement is not written to the binary log (bootstrap of both sides alike). */
      binlog: Type.Boolean(),
    },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('database'),
      database: Type.String({ pattern: IDENTIFIER }),
      binlog: Type.Boolean(),
    },
    strict,
  ),
  Type.Object(
    {
      kind: Type.Literal('variable'),
      name: Type.String({ pattern: '^[a-z0-9_]{1,64}$' }),
      value: Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
    },
    strict,
  ),
  /** hotpair's own schema: database `hotpair` with the tables that verify and the guard use. */
  Type.Object({ kind: Type.Literal('hotpair-schema'), binlog: Type.Boolean() }, strict),
]);

export const ACTION_PARAMS = {
  /** Installs packages that are missing. Waits for a foreign package-manager lock with progress. */
  'package-ensure': Type.Object(
    {
      packages: Type.Array(Type.String({ pattern: PACKAGE }), { minItems: 1, maxItems: 50 }),
      lockTimeoutMs: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    strict,
  ),
  /** Writes a file: temp file in the same folder, validated, fsync, rename; the previous one is kept. */
  'file-ensure': Type.Object(
    {
      path: Type.String({ pattern: '^/' }),
      /** Content as UTF-8 text; exactly one of content and copyOf. */
      content: Type.Optional(Type.String({ maxLength: 1_048_576 })),
      /** Takes the bytes from this file of the host (keys that never leave it). */
      copyOf: Type.Optional(Type.String({ pattern: '^/' })),
      mode: Type.Integer({ minimum: 0, maximum: 0o777 }),
      owner: Type.Optional(Type.String({ pattern: '^[a-z_][a-z0-9_-]{0,31}$' })),
      group: Type.Optional(Type.String({ pattern: '^[a-z_][a-z0-9_-]{0,31}$' })),
      /** Check by the program that will read the file, before the swap. */
      validate: Type.Optional(
        Type.Union([Type.Literal('keepalived'), Type.Literal('mariadb'), Type.Literal('json')]),
      ),
      /** The content is secret: the diff shows only that it differs. */
      secret: Type.Optional(Type.Boolean()),
    },
    strict,
  ),
  'file-absent': Type.Object({ path: Type.String({ pattern: '^/' }) }, strict),
  'service-ensure': Type.Object(
    {
      unit: Type.String({ pattern: UNIT }),
      running: Type.Optional(Type.Boolean()),
      enabled: Type.Optional(Type.Boolean()),
      /** Restart when one of these files is newer than the start of the unit. */
      restartIfOlderThan: Type.Optional(Type.Array(Type.String({ pattern: '^/' }))),
      /** Reload (not restart) when one of these files is newer than the last start or reload. */
      reloadIfOlderThan: Type.Optional(Type.Array(Type.String({ pattern: '^/' }))),
      /** Files to put back to their previous version when the unit does not start (see file-ensure). */
      rollback: Type.Optional(Type.Array(Type.String({ pattern: '^/' }))),
      /** Longest wait until the unit is up, ms; default 30 000. */
      readyTimeoutMs: Type.Optional(Type.Integer({ minimum: 100 })),
    },
    strict,
  ),
  /** A named read-only statement, or one free read-only statement (run in a read-only transaction). */
  'sql-read': Type.Object(
    {
      named: Type.Optional(
        Type.Union([
          Type.Literal('database-state'),
          Type.Literal('variables'),
          Type.Literal('accounts'),
          Type.Literal('databases'),
          Type.Literal('processes'),
          Type.Literal('verify-rows'),
          Type.Literal('binlog-domains'),
        ]),
      ),
      query: Type.Optional(Type.String({ minLength: 1, maxLength: 10_000 })),
      rowLimit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
      timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 60_000 })),
    },
    strict,
  ),
  'sql-ensure': SqlEnsureParams,
  /**
   * Writes one row into hotpair.verify, in a GTID domain of the host's own (100 + server_id) so that it never collides
   * with the primary's stream under gtid_strict_mode. Idempotent by token.
   */
  'verify-row-ensure': Type.Object({ token: Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }) }, strict),
  /** Waits (until timeoutMs) for the row of verify-row-ensure to arrive from the other host. */
  'verify-row-read': Type.Object(
    {
      token: Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }),
      timeoutMs: Type.Integer({ minimum: 0, maximum: 60_000 }),
    },
    strict,
  ),
  'replication-ensure': Type.Object(
    {
      source: Type.Object(
        {
          host: Type.String(),
          port: Type.Integer(),
          user: Type.String(),
          /** Secret. */
          password: Type.String(),
          sslCa: Type.String(),
        },
        strict,
      ),
      /** Left out: both threads stay as they are, and stopped where the channel had to be changed. */
      running: Type.Optional(Type.Boolean()),
      /** true only in the bootstrap of two bare servers: RESET MASTER and empty positions before the first start; refused when the server has data of users or has ever replicated. */
      fresh: Type.Boolean(),
      /** Longest wait for both threads to run, ms. */
      readyTimeoutMs: Type.Optional(Type.Integer({ minimum: 0 })),
    },
    strict,
  ),
  'address-read': Type.Object({}, strict),
  /** Asks the network who answers for an address (arping duplicate address detection, then ping). */
  'address-probe': Type.Object(
    { interface: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,15}$' }), address: Type.String() },
    strict,
  ),
  'host-read': Type.Object(
    {
      packages: Type.Optional(Type.Array(Type.String({ pattern: PACKAGE }))),
      paths: Type.Optional(Type.Array(Type.String({ pattern: '^/' }))),
      disks: Type.Optional(Type.Array(Type.String({ pattern: '^/' }))),
    },
    strict,
  ),
  'log-read': Type.Object(
    {
      units: Type.Optional(Type.Array(Type.String({ pattern: UNIT }))),
      /** One file below /var/log instead of the journal. */
      file: Type.Optional(Type.String({ pattern: '^/var/log/' })),
      lines: Type.Integer({ minimum: 1, maximum: 10_000 }),
      /** Milliseconds since the epoch. */
      since: Type.Optional(Type.Integer()),
    },
    strict,
  ),
  /** Saves what only this host has, by its binary logs, as GTIDs and statements in a file of this name on the host. */
  'errant-save': Type.Object(
    {
      /** gtid_binlog_state of the primary. */
      primaryState: Type.String({ maxLength: 10_000 }),
      name: Type.String({ pattern: SAVED }),
    },
    strict,
  ),
  /** A piece of such a file, as base64. */
  'errant-read': Type.Object(
    { name: Type.String({ pattern: SAVED }), offset: Type.Integer({ minimum: 0 }) },
    strict,
  ),
  /** Size of the server's data, room for a copy, and how far a copy of the primary's data has come. */
  'seed-read': Type.Object({}, strict),
  /** Fetches a copy of the other host's data from its agent, beside the data folder, prepared and checked. */
  'seed-fetch': Type.Object(
    {
      from: Type.Object(
        { name: Type.String(), address: Type.String(), port: Type.Integer({ minimum: 1, maximum: 65_535 }) },
        strict,
      ),
      /** About how much will come; so much room must be free, and more. */
      bytes: Type.Integer({ minimum: 0 }),
    },
    strict,
  ),
  /** The copy takes the place of the data, which are kept beside it; the server starts with it. */
  'seed-adopt': Type.Object({}, strict),
  /** On the primary: replication from the other host is to begin at the position of its copy. */
  'seed-position': Type.Object({ position: Type.String({ pattern: GTIDS, maxLength: 10_000 }) }, strict),
  /** Removes the former data and whatever else a copy left behind. */
  'seed-clean': Type.Object(
    {
      /** The former data stay, under another name. */
      keep: Type.Boolean(),
    },
    strict,
  ),
} as const satisfies Record<string, TSchema>;

export type ActionName = keyof typeof ACTION_PARAMS;
type EachAction = { readonly [N in ActionName]: Static<(typeof ACTION_PARAMS)[N]> };
/** An interface, as in methods.ts. */
interface ActionTypes extends EachAction {}
export type ActionParams<N extends ActionName> = ActionTypes[N];
export const ACTION_NAMES = Object.keys(ACTION_PARAMS) as ActionName[];

export function isActionName(value: unknown): value is ActionName {
  return typeof value === 'string' && Object.hasOwn(ACTION_PARAMS, value);
}

/** One difference between how it is and how it should be. `diff` is a unified diff or `old -> new`, already redacted. */
export const ChangeSchema = Type.Object(
  { subject: Type.String(), summary: Type.String(), diff: Type.Optional(Type.String()) },
  strict,
);
export type Change = Static<typeof ChangeSchema>;

export const ActionResultSchema = Type.Object(
  {
    action: Type.String(),
    outcome: Type.Union([
      Type.Literal('ok'),
      Type.Literal('changed'),
      Type.Literal('planned'),
      Type.Literal('failed'),
    ]),
    changes: Type.Array(ChangeSchema),
    /** What check found at the end; the shape is the action's own (read actions answer here). */
    facts: Type.Unknown(),
    durationMs: Type.Number(),
    error: Type.Optional(
      Type.Object({
        code: Type.String(),
        message: Type.String(),
        data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      }),
    ),
  },
  strict,
);
export type ActionResult = Static<typeof ActionResultSchema>;
