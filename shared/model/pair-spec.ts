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
      Type.String({
        default: 'root@ADDRESS',
        description: 'ssh destination for installing the agent, as the system OpenSSH takes it.',
      }),
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
      Type.String({
        default: 'a generated password',
        description: 'File on the coordinator with the password, on one line.',
      }),
    ),
    from: Type.Optional(
      Type.String({
        default: '%',
        description: 'Hosts that may use the account, as a pattern of the server.',
      }),
    ),
  },
  { ...strict, description: 'Database and account of the application, created by the deploy.' },
);

export const DatabaseSchema = Type.Object(
  {
    flavor: Type.Optional(
      Type.Union([Type.Literal('mariadb')], { default: 'mariadb', description: 'Database server.' }),
    ),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65535, default: 3306, description: 'Port of the server.' }),
    ),
    settings: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]*$' }),
        Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
        {
          description:
            'Server settings of your own; settings that the pair depends on are refused with the reason.',
        },
      ),
    ),
    application: Type.Optional(ApplicationSchema),
  },
  { ...strict, description: 'The database server on both hosts.' },
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
              default: 51,
              description: 'VRRP id, unique in the network segment.',
            }),
          ),
          advert_interval: Type.Optional(
            Type.String({
              pattern: '^[0-9]+(ms|s)$',
              default: '50ms',
              description: 'Time between VRRP advertisements: 10ms to 10s, a multiple of 10ms.',
            }),
          ),
        },
        { ...strict, description: 'The election of the VIP holder by keepalived.' },
      ),
    ),
  },
  strict,
);

export const ReportTargetSchema = Type.Union([
  Type.Object(
    { email: Type.String({ description: 'Address that reports are mailed to; needs coordinator.smtp.' }) },
    strict,
  ),
  Type.Object(
    {
      webhook: Type.String({ description: 'URL that reports are posted to.' }),
      format: Type.Optional(
        Type.Union([Type.Literal('json'), Type.Literal('slack')], {
          default: 'json',
          description: 'What is posted: the report as data, or a message for Slack and its like.',
        }),
      ),
    },
    strict,
  ),
  Type.Object({ folder: Type.String({ description: 'Folder that reports are also written to.' }) }, strict),
]);

export const ReportsSchema = Type.Object(
  {
    schedule: Type.String({
      description: 'Cron expression of five fields: minute, hour, day of month, month, day of week.',
    }),
    timezone: Type.Optional(
      Type.String({ default: 'UTC', description: 'IANA time zone that the schedule is meant in.' }),
    ),
    to: Type.Optional(
      Type.Array(ReportTargetSchema, {
        default: 'none',
        description: 'Where reports go besides the reports folder.',
      }),
    ),
  },
  { ...strict, description: 'Health reports by schedule.' },
);

export const SmtpSchema = Type.Object(
  {
    host: Type.String({ description: 'Name or address of the mail server.' }),
    port: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 65535,
        default: '465 with implicit TLS, else 587',
        description: 'Port of the mail server.',
      }),
    ),
    from: Type.String({ description: 'Sender address of the reports.' }),
    user: Type.Optional(
      Type.String({ default: 'no login', description: 'Account on the mail server; needs password_file.' }),
    ),
    password_file: Type.Optional(
      Type.String({
        default: 'none',
        description: 'File on the coordinator with the password of the account.',
      }),
    ),
    tls: Type.Optional(
      Type.Union([Type.Literal('implicit'), Type.Literal('starttls'), Type.Literal('none')], {
        default: 'starttls',
        description: 'How the connection is encrypted.',
      }),
    ),
  },
  { ...strict, description: 'Mail server that sends the reports.' },
);

export const CoordinatorSchema = Type.Object(
  {
    listen: Type.Optional(
      Type.String({
        default: '127.0.0.1:8080',
        description: 'Address and port of the daemon; a loopback address.',
      }),
    ),
    data: Type.Optional(
      Type.String({
        default: '/var/lib/hotpair',
        description: 'Folder of keys, secrets, events and reports.',
      }),
    ),
    agent_port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65535, default: 7433, description: 'Port of the agents.' }),
    ),
    ssh_config: Type.Optional(
      Type.String({
        default: "the system's own",
        description: 'ssh_config file for the agent installation (ssh -F).',
      }),
    ),
    smtp: Type.Optional(SmtpSchema),
  },
  { ...strict, description: 'Settings of the coordinator itself.' },
);

export const HotpairFileSchema = Type.Object(
  {
    pairs: Type.Record(Type.String({ pattern: NAME }), PairSchema, {
      minProperties: 1,
      description: 'The pairs, by name.',
    }),
    reports: Type.Optional(ReportsSchema),
    coordinator: Type.Optional(CoordinatorSchema),
  },
  strict,
);

/** The file as written. */
export interface HotpairFile extends Static<typeof HotpairFileSchema> {}
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
