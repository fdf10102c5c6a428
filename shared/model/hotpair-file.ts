/**
 * The user's file (hotpair.yaml) as written: the schema that validates it, explains it (docs/configuration.md) and types
 * it. With every default filled in it is a HotpairSpec (pair-spec.ts).
 */

import { type Static, Type } from 'typebox';
import { AlertsSchema } from './alerts-file.ts';
import { CoordinatorSchema } from './coordinator-file.ts';
import { OUTAGE_BUDGET_PATTERN } from './outage-budget.ts';
import { ReportsSchema } from './reports-file.ts';
import { StoreSchema } from './store-file.ts';

const strict = { additionalProperties: false } as const;
const NAME = '^[a-z][a-z0-9-]{0,30}$';

export const HostSchema = Type.Object(
  {
    address: Type.String({
      description: 'IPv4 address of the host: replication, the agent, the guard and keepalived use it.',
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
    protection: Type.Optional(
      Type.Union([Type.Literal('availability'), Type.Literal('consistency')], {
        default: 'availability',
        description:
          'What a primary does that has lost its standby. availability: it goes on alone, which is recorded, so that nobody takes over from it. consistency: it acknowledges nothing until a second copy is there.',
      }),
    ),
    fence: Type.Optional(
      Type.Union([Type.Literal('nftables'), Type.Literal('none')], {
        default: 'nftables',
        description:
          'What keeps clients away from a server that may not serve. nftables: the kernel, whatever happens to the guard; a guard that cannot use it does not serve. none: nothing, for kernels without nftables; what is lost then is in limits.md.',
      }),
    ),
    outage_budget: Type.Optional(
      Type.String({
        pattern: OUTAGE_BUDGET_PATTERN,
        default: '99.99 % of 30 days',
        description:
          'How long clients may be without the VIP, in at most 30 days: "5m per 30d", "90s per 7d". The console shows what of it is used; drills do not count.',
      }),
    ),
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
              description:
                'Time between VRRP advertisements: 10ms to 10s, a multiple of 10ms. How soon the VIP follows a decision.',
            }),
          ),
        },
        { ...strict, description: 'How keepalived moves the VIP. Who may have it is decided by the votes.' },
      ),
    ),
  },
  strict,
);

export const HotpairFileSchema = Type.Object(
  {
    pairs: Type.Record(Type.String({ pattern: NAME }), PairSchema, {
      minProperties: 1,
      description: 'The pairs, by name.',
    }),
    reports: Type.Optional(ReportsSchema),
    alerts: Type.Optional(AlertsSchema),
    coordinator: Type.Optional(CoordinatorSchema),
    store: Type.Optional(StoreSchema),
  },
  strict,
);

/** The file as written. */
export interface HotpairFile extends Static<typeof HotpairFileSchema> {}
