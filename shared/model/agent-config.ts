/**
 * The agent's own file (/etc/hotpair/agent.json, mode 0600): who this host is, where it listens and where its things are.
 * Enrolment writes it, the agent reads it; everything but the name and the listening address has the default of paths.ts.
 */

import { type Static, Type } from 'typebox';
import { DEFAULT_AGENT_PORT, HOST_PATHS } from './paths.ts';

const strict = { additionalProperties: false } as const;
const AbsolutePath = Type.String({ pattern: '^/' });

export const AgentConfigSchema = Type.Object(
  {
    /** Name of this host in hotpair.yaml; goes into hello, heartbeats and the journal. */
    host: Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$' }),
    listen: Type.Object(
      {
        /** Address of the host to listen on, e.g. "10.88.0.11"; "0.0.0.0" is every address. */
        address: Type.String({ minLength: 1 }),
        port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535 })),
      },
      strict,
    ),
    tls: Type.Optional(
      Type.Object(
        {
          ca: Type.Optional(AbsolutePath),
          cert: Type.Optional(AbsolutePath),
          key: Type.Optional(AbsolutePath),
        },
        strict,
      ),
    ),
    databaseSocket: Type.Optional(AbsolutePath),
    state: Type.Optional(AbsolutePath),
    claims: Type.Optional(AbsolutePath),
    /** Folders below which file actions may write. */
    writable: Type.Optional(Type.Array(AbsolutePath)),
  },
  strict,
);

/** The file as written. */
export type AgentConfigFile = Static<typeof AgentConfigSchema>;

/** The file with every default filled in. */
export interface AgentConfig {
  readonly host: string;
  readonly listen: { readonly address: string; readonly port: number };
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly databaseSocket: string;
  /** Folder of the journal and of previous versions of files. */
  readonly state: string;
  /** File that says who is at work on the pair. */
  readonly claims: string;
  readonly writable: readonly string[];
}

/** Folders that hotpair manages on a database host. */
export const WRITABLE_FOLDERS: readonly string[] = [
  '/etc/hotpair',
  '/etc/mysql',
  '/etc/keepalived',
  '/etc/systemd/system',
  '/var/lib/hotpair',
  '/run/hotpair',
  '/opt/hotpair',
];

export const DEFAULT_DATABASE_SOCKET = '/run/mysqld/mysqld.sock';

export function completeAgentConfig(file: AgentConfigFile): AgentConfig {
  return {
    host: file.host,
    listen: { address: file.listen.address, port: file.listen.port ?? DEFAULT_AGENT_PORT },
    tls: {
      ca: file.tls?.ca ?? HOST_PATHS.ca,
      cert: file.tls?.cert ?? HOST_PATHS.agentCert,
      key: file.tls?.key ?? HOST_PATHS.agentKey,
    },
    databaseSocket: file.databaseSocket ?? DEFAULT_DATABASE_SOCKET,
    state: file.state ?? HOST_PATHS.state,
    claims: file.claims ?? HOST_PATHS.claims,
    writable: file.writable ?? WRITABLE_FOLDERS,
  };
}
