/**
 * What coordinator and host say to each other while a host is enrolled: JSON lines over the standard input and output
 * of `agent.cjs enroll`, which the coordinator starts over ssh. Keys never leave the host; nothing here is secret.
 */

import { type Static, Type } from 'typebox';
import { AppError } from '../errors/app-error.ts';

const strict = { additionalProperties: false } as const;
const Pem = Type.String({ maxLength: 16_384, pattern: '^-----BEGIN [A-Z ]+-----' });

/** Common name of the certificate that agents tell their metrics to; no host can have it. */
export const METRICS_READER = 'metrics.hotpair';

/** Coordinator to host. */
export const EnrolCommandSchema = Type.Union([
  Type.Object(
    {
      type: Type.Literal('enrol'),
      host: Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }),
      address: Type.String({ minLength: 1, maxLength: 64 }),
      port: Type.Integer({ minimum: 1, maximum: 65_535 }),
      /** Certificate of the coordinator's authority. */
      ca: Pem,
      /** Build that the bundle must be of; another one refuses. */
      version: Type.String(),
      /** Certificates that end before this moment are issued anew; ms since the epoch. */
      renewBefore: Type.Integer(),
      /** The host may belong to another coordinator: make it this one's. */
      takeOver: Type.Boolean(),
      /** The running agent was seen to be another build, or to show an old certificate: start it anew. */
      restart: Type.Boolean(),
    },
    strict,
  ),
  Type.Object({ type: Type.Literal('certificates'), agent: Pem, database: Pem }, strict),
]);
export type EnrolCommand = Static<typeof EnrolCommandSchema>;
export type EnrolRequest = Extract<EnrolCommand, { type: 'enrol' }>;
export type EnrolCertificates = Extract<EnrolCommand, { type: 'certificates' }>;

/** Host to coordinator. */
export const EnrolReplySchema = Type.Union([
  Type.Object({ type: Type.Literal('progress'), message: Type.String() }, strict),
  /** Certificate requests for the keys that the host has made. */
  Type.Object({ type: Type.Literal('requests'), agent: Pem, database: Pem }, strict),
  /** The agent listens. `changed` lists what was written or restarted; empty = nothing. */
  Type.Object({ type: Type.Literal('ready'), changed: Type.Array(Type.String()) }, strict),
  Type.Object(
    {
      type: Type.Literal('failed'),
      code: Type.String(),
      message: Type.String(),
      data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    },
    strict,
  ),
]);
export type EnrolReply = Static<typeof EnrolReplySchema>;

/** Common name of a server's certificate: no host's and not the coordinator's, so it passes for neither a guard nor an agent. */
export function databaseName(host: string): string {
  return `${host}.database`;
}

/** Refuses a host of another coordinator; both sides say it in these words. Authorities by their common names. */
export function foreignHost(host: string, authority: string, ours: string): AppError {
  return new AppError(
    'REFUSED',
    `${host} belongs to another coordinator (${authority}; this one is ${ours}). Remove the agent from there, or take the host over with coordinator agent install --take-over ${host}.`,
    { data: { host, authority, ours } },
  );
}

/** Longest line that either side reads. */
export const MAX_ENROL_LINE = 65_536;
