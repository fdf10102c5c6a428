/** The user's file (hotpair.yaml) as data: the schema that validates it, explains it (docs/configuration.md) and types it. */

import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;
const NAME = '^[a-z][a-z0-9-]{0,30}$';

export const HostSchema = Type.Object(
  {
    address: Type.String({
      description: 'IPv4 address of the host: replication, the agent and VRRP use it.',
    }),
    interface: Type.String({
      pattern: '^[A-Za-z0-9_.-]{1,15}$',
      description: 'Network interface that carries the VIP.',
    }),
    ssh: Type.Optional(
      Type.String({ description: 'ssh destination for installing the agent; the default is root@ADDRESS.' }),
    ),
  },
  strict,
);

export const ApplicationSchema = Type.Object(
  {
    database: Type.String({ pattern: '^[A-Za-z0-9_]{1,64}$', description: 'Database to create.' }),
    user: Type.String({
      pattern: '^[A-Za-z0-9_]{1,32}$',
      description: 'Account that gets all rights on that database.',
    }),
    password_file: Type.Optional(
      Type.String({ description: 'File on the coordinator with the password; without it one is generated.' }),
    ),
    from: Type.Optional(
      Type.String({ description: "Client host pattern of the account; the default is '%'." }),
    ),
  },
  strict,
);

export const DatabaseSchema = Type.Object(
  {
    flavor: Type.Optional(
      Type.Union([Type.Literal('mariadb')], { description: 'Database server; MariaDB today.' }),
    ),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65535, description: 'Port of the server; 3306.' }),
    ),
    settings: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]*$' }),
        Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
        {
          description: 'Server settings of your own; settings that the pair depends on are refused by name.',
        },
      ),
    ),
    application: Type.Optional(ApplicationSchema),
  },
  strict,
);

export const PairSchema = Type.Object(
  {
    vip: Type.String({ description: 'Virtual IP with prefix length, inside the subnet of both hosts.' }),
    hosts: Type.Record(Type.String({ pattern: NAME }), HostSchema, {
      minProperties: 2,
      maxProperties: 2,
      description: 'The two hosts, by name.',
    }),
    database: Type.Optional(DatabaseSchema),
    vrrp: Type.Optional(
      Type.Object(
        {
          virtual_router_id: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 255,
              description: 'VRRP id, unique in the network segment; 51.',
            }),
          ),
          advert_interval: Type.Optional(
            Type.String({
              pattern: '^[0-9]+(ms|s)$',
              description: 'Time between VRRP advertisements; 50ms.',
            }),
          ),
        },
        strict,
      ),
    ),
  },
  strict,
);

export const ReportTargetSchema = Type.Union([
  Type.Object({ email: Type.String() }, strict),
  Type.Object(
    {
      webhook: Type.String(),
      format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('slack')])),
    },
    strict,
  ),
  Type.Object({ folder: Type.String() }, strict),
]);

export const ReportsSchema = Type.Object(
  {
    schedule: Type.String({ description: 'Cron expression, five fields.' }),
    timezone: Type.Optional(Type.String({ description: 'IANA time zone of the schedule; UTC.' })),
    to: Type.Optional(
      Type.Array(ReportTargetSchema, { description: 'Where reports go besides the reports folder.' }),
    ),
  },
  strict,
);

export const SmtpSchema = Type.Object(
  {
    host: Type.String(),
    port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
    from: Type.String(),
    user: Type.Optional(Type.String()),
    password_file: Type.Optional(Type.String()),
    tls: Type.Optional(
      Type.Union([Type.Literal('implicit'), Type.Literal('starttls'), Type.Literal('none')]),
    ),
  },
  strict,
);

export const CoordinatorSchema = Type.Object(
  {
    listen: Type.Optional(Type.String({ description: 'Address of the daemon; 127.0.0.1:8080.' })),
    data: Type.Optional(
      Type.String({ description: 'Folder of keys, secrets, events and reports; /var/lib/hotpair.' }),
    ),
    agent_port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65535, description: 'Port of the agents; 7433.' }),
    ),
    ssh_config: Type.Optional(
      Type.String({ description: 'ssh_config file for the agent installation (ssh -F).' }),
    ),
    smtp: Type.Optional(SmtpSchema),
  },
  strict,
);

export const HotpairFileSchema = Type.Object(
  {
    pairs: Type.Record(Type.String({ pattern: NAME }), PairSchema, { minProperties: 1 }),
    reports: Type.Optional(ReportsSchema),
    coordinator: Type.Optional(CoordinatorSchema),
  },
  strict,
);

/** The file as written. */
export type HotpairFile = Static<typeof HotpairFileSchema>;
export type ReportTarget = Static<typeof ReportTargetSchema>;
export type SmtpSpec = Static<typeof SmtpSchema>;

/** One host with every default filled in. */
export interface HostSpec {
  readonly name: string;
  readonly address: string;
  readonly interface: string;
  readonly ssh: string;
  /** 1 or 2: position in the file; becomes server_id and auto_increment_offset. */
  readonly ordinal: 1 | 2;
}

export interface ApplicationSpec {
  readonly database: string;
  readonly user: string;
  readonly passwordFile: string | null;
  readonly from: string;
}

/** One pair with every default filled in: what deploy, verify and watch work from. */
export interface PairSpec {
  readonly name: string;
  readonly vip: string;
  readonly vipPrefix: number;
  readonly hosts: readonly [HostSpec, HostSpec];
  readonly database: {
    readonly flavor: 'mariadb';
    readonly port: number;
    readonly settings: Readonly<Record<string, string>>;
    readonly application: ApplicationSpec | null;
  };
  readonly vrrp: { readonly virtualRouterId: number; readonly advertIntervalMs: number };
}

export interface ReportsSpec {
  readonly schedule: string;
  readonly timezone: string;
  readonly to: readonly ReportTarget[];
}

/** The whole file with every default filled in. */
export interface HotpairSpec {
  readonly pairs: readonly PairSpec[];
  readonly reports: ReportsSpec | null;
  readonly coordinator: {
    readonly listen: { readonly host: string; readonly port: number };
    /** Absolute. */
    readonly data: string;
    readonly agentPort: number;
    readonly sshConfig: string | null;
    readonly smtp: SmtpSpec | null;
  };
}
