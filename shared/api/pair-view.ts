/** A pair as the console and other programs see it: at a glance, and with everything that is known of it now. */

import { type Static, Type } from 'typebox';
import { nullable, strict, Time, translated } from './schema.ts';

export const GradeSchema = Type.Union(
  [Type.Literal('critical'), Type.Literal('attention'), Type.Literal('undeployed'), Type.Literal('healthy')],
  { description: 'Worst first.' },
);
export type GradeView = Static<typeof GradeSchema>;

const ModeSchema = nullable(Type.Union([Type.Literal('sync'), Type.Literal('solo')]));
const ConditionSchema = Type.Union([Type.Literal('up'), Type.Literal('down')]);

const summary = {
  name: Type.String(),
  grade: GradeSchema,
  headline: Type.String({ description: 'The verdict in one line.' }),
  translations: translated({ headline: Type.String() }),
  findings: Type.Integer({ description: 'How many things need attention.' }),
  deployed: Type.Boolean(),
  vip: Type.String({ description: 'With its prefix length.' }),
  vipHolder: nullable(Type.String()),
  primary: nullable(Type.String()),
  hostNames: Type.Tuple([Type.String(), Type.String()]),
  protection: Type.Union([Type.Literal('availability'), Type.Literal('consistency')]),
  mode: ModeSchema,
  modeSince: nullable(Time),
  lagSeconds: nullable(Type.Number({ description: 'Of the standby.' })),
  commitsPerSecond: nullable(Type.Number({ description: 'On the primary.' })),
  lastOutage: nullable(
    Type.Integer({ description: 'When the VIP came back last, in the last 30 days; drills do not count.' }),
  ),
};

export const PairSummarySchema = Type.Object(summary, strict);
export type PairSummary = Static<typeof PairSummarySchema>;

export const FindingSchema = Type.Object(
  {
    rule: Type.String(),
    severity: Type.Union([Type.Literal('critical'), Type.Literal('warning')]),
    subject: Type.String({ description: 'A host or the pair.' }),
    detail: Type.String(),
    remedy: Type.String(),
    translations: translated({ detail: Type.String(), remedy: Type.String() }),
  },
  strict,
);

export const DriftViewSchema = Type.Object(
  {
    path: Type.String(),
    how: Type.Union([Type.Literal('missing'), Type.Literal('content'), Type.Literal('mode')]),
  },
  strict,
);

export const GuardViewSchema = Type.Object(
  {
    role: Type.String({ description: 'primary, standby, promoting, demoting, down or maintenance.' }),
    phase: nullable(Type.String({ description: 'State of docs/pair.md.' })),
    row: Type.String({ description: 'Decision row of docs/pair.md.' }),
    reason: Type.String(),
    since: Time,
    epoch: nullable(Type.Integer()),
    mode: ModeSchema,
    promotable: nullable(
      Type.Boolean({ description: 'May take over without losing an acknowledged commit.' }),
    ),
    leased: nullable(Type.Boolean({ description: 'A majority lets it serve.' })),
    leaseMarginMs: nullable(Type.Number({ description: 'What is left of its lease.' })),
    order: nullable(
      Type.Object({ kind: Type.String(), reason: Type.String(), expiresAt: nullable(Time) }, strict),
    ),
    note: nullable(Type.String({ description: 'How the last switchover ended, if it did not succeed.' })),
  },
  strict,
);

export const ReplicationViewSchema = Type.Object(
  {
    condition: nullable(
      Type.Union([Type.Literal('healthy'), Type.Literal('lagging'), Type.Literal('broken')], {
        description: 'Null while its server does not say.',
      }),
    ),
    ioRunning: nullable(Type.String()),
    sqlRunning: nullable(Type.Boolean()),
    lagSeconds: nullable(Type.Number()),
    error: nullable(Type.String()),
    encrypted: nullable(Type.Boolean()),
  },
  strict,
);

export const HostViewSchema = Type.Object(
  {
    name: Type.String(),
    address: Type.String(),
    reachable: Type.Boolean({ description: 'Its agent sends heartbeats.' }),
    heardMsAgo: nullable(
      Type.Integer({ description: 'Age of the newest heartbeat; null before the first.' }),
    ),
    role: nullable(Type.Union([Type.Literal('primary'), Type.Literal('standby')])),
    hasVip: Type.Boolean(),
    writable: nullable(Type.Boolean()),
    server: ConditionSchema,
    keepalived: ConditionSchema,
    guardProcess: ConditionSchema,
    guard: nullable(GuardViewSchema),
    replication: ReplicationViewSchema,
    gtid: nullable(Type.String({ description: 'End of its binary log.' })),
    serverVersion: nullable(Type.String()),
    serverUptimeSeconds: nullable(Type.Integer()),
    hostUptimeSeconds: nullable(Type.Number()),
    connections: nullable(Type.Integer()),
    commitsPerSecond: nullable(Type.Number()),
    load1: nullable(Type.Number()),
    memoryFreeBytes: nullable(Type.Integer()),
    diskFreeBytes: nullable(Type.Integer()),
    diskTotalBytes: nullable(Type.Integer()),
    certificates: Type.Record(Type.String(), Time, { description: 'Ends of validity, by name.' }),
    drift: Type.Array(DriftViewSchema, { description: 'Files that are not as they were deployed.' }),
  },
  strict,
);
export type HostView = Static<typeof HostViewSchema>;

export const VoteViewSchema = Type.Object(
  {
    voter: Type.String({ description: 'A host, or "witness".' }),
    weight: nullable(Type.Integer({ description: 'By the newest record; null while none is known.' })),
  },
  strict,
);

export const LinkViewSchema = Type.Object(
  {
    from: Type.String(),
    to: Type.String({ description: 'Whom the guard of "from" hears: the other host, or "witness".' }),
    up: nullable(Type.Boolean({ description: 'Null where "from" does not say.' })),
  },
  strict,
);

export const PairDetailSchema = Type.Object(
  {
    ...summary,
    time: Time,
    vipMissing: Type.Boolean(),
    vipDuplicated: Type.Boolean(),
    twoWriters: Type.Boolean(),
    epoch: nullable(Type.Integer()),
    votes: Type.Array(VoteViewSchema),
    links: Type.Array(LinkViewSchema),
    gtidGap: nullable(Type.Integer({ description: 'Transactions that the standby has not yet.' })),
    hosts: Type.Tuple([HostViewSchema, HostViewSchema]),
    attention: Type.Array(FindingSchema, { description: 'What needs attention, most urgent first.' }),
    outages: Type.Object(
      {
        days: Type.Integer(),
        count: Type.Integer({ description: 'Without drills.' }),
        totalMs: Type.Integer(),
        allowedMs: Type.Integer({ description: 'How much of it outage_budget allows.' }),
      },
      { ...strict, description: 'What clients missed in the days of outage_budget.' },
    ),
    lastDrill: nullable(Time),
  },
  strict,
);
export type PairDetail = Static<typeof PairDetailSchema>;
