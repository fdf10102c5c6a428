/**
 * /etc/hotpair/guard.json: what the guard of one host needs to know. The deploy renders it (mode 0600, owner root:
 * it holds the replication password); the guard reads it once at its start and refuses unknown keys.
 *
 * The guard watches the peer's server as `database.replicationUser`. Besides REPLICATION SLAVE that account needs
 * SLAVE MONITOR on *.* (SHOW SLAVE STATUS); BINLOG MONITOR is welcome, nothing more.
 * On its own server the guard is root@localhost over the unix socket; it uses the table hotpair.heartbeat there.
 */

import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

export const GuardConfigSchema = Type.Object(
  {
    pair: Type.String({ minLength: 1, description: 'Name of the pair, for the log.' }),
    host: Type.String({ minLength: 1, description: 'Name of this host in the pair.' }),
    ordinal: Type.Union([Type.Literal(1), Type.Literal(2)], { description: 'Equals the server_id.' }),
    vip: Type.String({ minLength: 1, description: 'The virtual address, without prefix length.' }),
    vipPrefix: Type.Integer({ minimum: 1, maximum: 128 }),
    interface: Type.String({ minLength: 1, maxLength: 15 }),
    peer: Type.Object(
      { name: Type.String({ minLength: 1 }), address: Type.String({ minLength: 1 }) },
      strict,
    ),
    database: Type.Object(
      {
        socket: Type.String({ pattern: '^/', description: '/run/mysqld/mysqld.sock on Debian.' }),
        unit: Type.Optional(Type.String({ description: 'systemd unit of the server; mariadb.service.' })),
        port: Type.Integer({ minimum: 1, maximum: 65535, description: 'Port of the peer server.' }),
        replicationUser: Type.String({ minLength: 1 }),
        replicationPassword: Type.String({ minLength: 1 }),
        ca: Type.String({
          pattern: '^/',
          description: 'PEM file that the certificate of the peer server must chain to.',
        }),
      },
      strict,
    ),
    voting: Type.Object(
      {
        address: Type.String({
          minLength: 1,
          description: 'Address of this host; the guard listens on it.',
        }),
        port: Type.Integer({ minimum: 1, maximum: 65535, description: 'Port of the guards of the pair.' }),
        protection: Type.Union([Type.Literal('availability'), Type.Literal('consistency')], {
          description: 'Whether a primary that lost its standby goes on alone.',
        }),
        fence: Type.Optional(
          Type.Union([Type.Literal('nftables'), Type.Literal('none')], {
            description: 'What keeps clients away from a server that may not serve; nftables.',
          }),
        ),
      },
      {
        ...strict,
        description: 'Where the guards of the pair hear each other, and what they keep to; see docs/pair.md.',
      },
    ),
    timing: Type.Optional(
      Type.Object(
        {
          probeMs: Type.Optional(Type.Integer({ minimum: 20, description: 'Time between two probes; 100.' })),
          hangMs: Type.Optional(
            Type.Integer({
              minimum: 100,
              description: 'A read without answer for this long is a hang; 600.',
            }),
          ),
          writeHangMs: Type.Optional(
            Type.Integer({
              minimum: 200,
              description:
                'A write stuck for this long, while nothing else reaches the disk, is a hang; 700.',
            }),
          ),
        },
        strict,
      ),
    ),
  },
  strict,
);

/** The file as written. */
export type GuardConfigFile = Static<typeof GuardConfigSchema>;
