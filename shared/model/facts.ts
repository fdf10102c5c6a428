/** What an agent says about its host: the heartbeat, and the facts that a deploy's preflight asks for. */

import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const AddressSchema = Type.Object(
  {
    interface: Type.String(),
    address: Type.String(),
    prefix: Type.Integer(),
    family: Type.Union([Type.Literal('inet'), Type.Literal('inet6')]),
  },
  strict,
);
export type Address = Static<typeof AddressSchema>;

/** One direction of replication, as the replica sees it. */
export const ReplicationChannelSchema = Type.Object(
  {
    sourceHost: Type.String(),
    sourcePort: Type.Integer(),
    ioRunning: Type.Union([
      Type.Literal('Yes'),
      Type.Literal('Connecting'),
      Type.Literal('No'),
      Type.Literal('Preparing'),
    ]),
    sqlRunning: Type.Boolean(),
    /** Whole seconds behind the source; null while it is unknown. */
    secondsBehind: nullable(Type.Integer()),
    ioErrno: Type.Integer(),
    ioError: Type.String(),
    sqlErrno: Type.Integer(),
    sqlError: Type.String(),
    usingGtid: Type.String(),
    gtidIoPos: Type.String(),
    ssl: Type.Boolean(),
  },
  strict,
);
export type ReplicationChannel = Static<typeof ReplicationChannelSchema>;

export const DatabaseStateSchema = Type.Object(
  {
    /** The server answered a statement. */
    up: Type.Boolean(),
    version: nullable(Type.String()),
    serverId: nullable(Type.Integer()),
    readOnly: nullable(Type.Boolean()),
    uptimeSeconds: nullable(Type.Integer()),
    gtidBinlogPos: Type.String(),
    gtidSlavePos: Type.String(),
    channel: nullable(ReplicationChannelSchema),
    connections: nullable(Type.Integer()),
    /** Server-wide count of committed statements since its start, for rates. */
    commits: nullable(Type.Integer()),
    error: nullable(Type.String()),
  },
  strict,
);
export type DatabaseState = Static<typeof DatabaseStateSchema>;

/** How a guard sees its pair; see docs/pair.md. */
export const VotingStateSchema = Type.Object(
  {
    phase: Type.String(),
    /** The newest decided record that this guard knows; null before it has talked to a majority. */
    epoch: nullable(Type.Integer()),
    /** Name of the recorded primary. */
    primary: nullable(Type.String()),
    mode: nullable(Type.Union([Type.Literal('sync'), Type.Literal('solo')])),
    /** Votes of this host, its peer and the witness. */
    votes: Type.Object({ own: Type.Integer(), peer: Type.Integer(), witness: Type.Integer() }, strict),
    /** Whether this guard has lately heard the peer's guard and the witness. */
    hears: Type.Object({ peer: Type.Boolean(), witness: Type.Boolean() }, strict),
    /** This host may take over without losing an acknowledged commit. */
    promotable: Type.Boolean(),
    /** This host holds the lease: a majority lets it serve. */
    leased: Type.Boolean(),
    /** What is left of its lease in ms; 0 without one. */
    leaseMs: Type.Optional(Type.Number()),
    /** What an operator wants of this host until it is taken back or expires (ms since the epoch; null = never). */
    order: nullable(
      Type.Object(
        { kind: Type.String(), reason: Type.String(), expiresAt: nullable(Type.Integer()) },
        strict,
      ),
    ),
    /** How the last switchover ended, if it did not succeed. */
    note: nullable(Type.String()),
    /** Id of the guard's last decision; null before its first. */
    decision: nullable(Type.String()),
  },
  strict,
);
export type VotingState = Static<typeof VotingStateSchema>;

/** What the guard last wrote to its status file; null when it does not run or is silent for over 2 s. */
export const GuardStateSchema = Type.Object(
  {
    role: Type.Union([
      Type.Literal('primary'),
      Type.Literal('standby'),
      Type.Literal('promoting'),
      Type.Literal('demoting'),
      Type.Literal('down'),
      Type.Literal('maintenance'),
    ]),
    permit: Type.Boolean(),
    hasVip: Type.Boolean(),
    /** One sentence: why it is so. Same text as in the guard's log. */
    reason: Type.String(),
    /** Id of the decision row behind it. */
    row: Type.String(),
    /** Milliseconds since the epoch, wall clock of the host. */
    since: Type.Integer(),
    updated: Type.Integer(),
    /** Where the time of the last takeover went, in ms by phase: vote, cut, drain, record, open, vip, and total. */
    lastPromotion: nullable(Type.Record(Type.String(), Type.Number())),
    /** null while it has no part in the votes: it knows no record yet. */
    voting: nullable(VotingStateSchema),
  },
  strict,
);
export type GuardState = Static<typeof GuardStateSchema>;

export const ServiceStateSchema = Type.Object(
  {
    unit: Type.String(),
    /** systemd's ActiveState: active, inactive, failed, activating, ... or "absent". */
    active: Type.String(),
    enabled: Type.Boolean(),
    pid: nullable(Type.Integer()),
    /** Milliseconds since the epoch; null when it is not active. */
    since: nullable(Type.Integer()),
  },
  strict,
);
export type ServiceState = Static<typeof ServiceStateSchema>;

/** A file that is not as it was deployed. */
export const DriftSchema = Type.Object(
  {
    path: Type.String(),
    /** mode: its bytes are as deployed, its mode or owner is not. */
    how: Type.Union([Type.Literal('missing'), Type.Literal('content'), Type.Literal('mode')]),
    /** Another one after each change; tells nothing of what is in the file. */
    stamp: Type.String(),
  },
  strict,
);
export type Drift = Static<typeof DriftSchema>;

export const HeartbeatSchema = Type.Object(
  {
    host: Type.String(),
    /** Grows by one with each heartbeat of this agent process. */
    sequence: Type.Integer(),
    /** Milliseconds since the epoch on the host's wall clock. */
    time: Type.Integer(),
    addresses: Type.Array(AddressSchema),
    database: DatabaseStateSchema,
    guard: nullable(GuardStateSchema),
    services: Type.Array(ServiceStateSchema),
    load1: Type.Number(),
    diskFreeBytes: Type.Integer(),
    diskTotalBytes: Type.Integer(),
    memoryFreeBytes: Type.Integer(),
    hostUptimeSeconds: Type.Number(),
    /** Not-after times of the host's certificates, ms since the epoch, by name (agent, database). */
    certificates: Type.Record(Type.String(), Type.Integer()),
    /** Files that somebody else has changed since they were deployed, by path. */
    drift: Type.Array(DriftSchema),
  },
  strict,
);
export type Heartbeat = Static<typeof HeartbeatSchema>;

/** Answer of host-read: what preflight needs to know of a host. */
export const HostFactsSchema = Type.Object(
  {
    hostname: Type.String(),
    uid: Type.Integer(),
    os: Type.Object({ id: Type.String(), versionId: Type.String(), prettyName: Type.String() }, strict),
    architecture: Type.String(),
    kernel: Type.String(),
    initSystem: Type.String(),
    /** Milliseconds since the epoch. */
    time: Type.Integer(),
    addresses: Type.Array(AddressSchema),
    disks: Type.Array(
      Type.Object({ path: Type.String(), freeBytes: Type.Integer(), totalBytes: Type.Integer() }, strict),
    ),
    memoryBytes: Type.Integer(),
    cpus: Type.Integer(),
    /** TCP ports that something listens on. */
    listening: Type.Array(Type.Integer()),
    /** Installed versions of the packages that were asked for; null = not installed. */
    packages: Type.Record(Type.String(), nullable(Type.String())),
    /** Of those that are not installed: the versions that an installation would bring; null = not in the package lists. */
    candidates: Type.Record(Type.String(), nullable(Type.String())),
    /** Which of the asked paths exist. */
    paths: Type.Record(Type.String(), Type.Boolean()),
    /** Databases on the server that are not the server's or hotpair's own; null when no server answers. */
    userDatabases: nullable(Type.Array(Type.String())),
  },
  strict,
);
export type HostFacts = Static<typeof HostFactsSchema>;
