/** Who asks, who asked for what, and whether the daemon is well. */

import { type Static, Type } from 'typebox';
import { nullable, Role, strict, Time } from './schema.ts';

export const HealthSchema = Type.Object(
  {
    status: Type.Literal('ok'),
    version: Type.String(),
    uptimeSeconds: Type.Integer(),
  },
  strict,
);

export const MeSchema = Type.Object(
  { name: Type.String({ description: 'Name of the token.' }), role: Role, expires: nullable(Time) },
  strict,
);
export type Me = Static<typeof MeSchema>;

export const AuditEntrySchema = Type.Object(
  {
    id: Type.Integer(),
    time: Time,
    actor: Type.String({ description: 'Name of the token, or the account on the coordinator.' }),
    source: Type.Union([Type.Literal('rest'), Type.Literal('cli'), Type.Literal('daemon')]),
    action: Type.String(),
    target: Type.String(),
    outcome: Type.String(),
    data: Type.Record(Type.String(), Type.Unknown()),
    previous: Type.String({ description: 'Hash of the entry before it.' }),
    hash: Type.String({ description: 'SHA-256 over the entry and "previous".' }),
  },
  strict,
);
export type AuditEntry = Static<typeof AuditEntrySchema>;

export const AuditPageSchema = Type.Object(
  {
    entries: Type.Array(AuditEntrySchema, { description: 'Newest first.' }),
    next: nullable(Type.String()),
  },
  strict,
);

export const AuditVerdictSchema = Type.Object(
  {
    ok: Type.Boolean(),
    entries: Type.Integer(),
    head: nullable(Type.String({ description: 'Hash of the newest entry.' })),
    broken: nullable(Type.Integer({ description: 'Id of the first entry that does not fit.' })),
  },
  strict,
);
export type AuditVerdict = Static<typeof AuditVerdictSchema>;
