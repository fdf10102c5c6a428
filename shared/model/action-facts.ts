/** What each action answers in `facts`: the shape of ActionResult.facts by action name. Types only, so that both sides agree. */

import type { ActionName } from '../protocol/actions.ts';
import type { Address, DatabaseState, HostFacts, ReplicationChannel } from './facts.ts';

export interface FileFacts {
  readonly path: string;
  readonly exists: boolean;
  /** Hex SHA-256 of the bytes; null when there is no file, or when it is secret. */
  readonly sha256: string | null;
  readonly mode: number | null;
  readonly owner: string | null;
  readonly group: string | null;
}

export interface PackageFacts {
  /** Installed version by name; null = not installed. */
  readonly packages: Readonly<Record<string, string | null>>;
  /** The package manager was interrupted earlier and has half-installed packages. */
  readonly interrupted: boolean;
}

export interface ServiceFacts {
  readonly unit: string;
  /** systemd's ActiveState, or "absent". */
  readonly active: string;
  readonly enabled: boolean;
  readonly pid: number | null;
  /** Start of the main process, ms since the epoch. */
  readonly startedAt: number | null;
  /** Files that are newer than the running process. */
  readonly outdatedBy: readonly string[];
}

export type SqlRow = Readonly<Record<string, string | number | null>>;

export interface AccountFacts {
  readonly user: string;
  readonly host: string;
  readonly plugin: string;
  readonly requireSsl: boolean;
}

export interface DatabaseFacts {
  readonly name: string;
  readonly tables: number;
}

/** Shape by statement: of named ones its own, of a free query `rows`. */
export type SqlReadFacts =
  | { readonly named: 'database-state'; readonly state: DatabaseState }
  | { readonly named: 'variables'; readonly variables: Readonly<Record<string, string>> }
  | { readonly named: 'accounts'; readonly accounts: readonly AccountFacts[] }
  | { readonly named: 'databases'; readonly databases: readonly DatabaseFacts[] }
  | { readonly named: 'processes'; readonly rows: readonly SqlRow[] }
  | { readonly named: 'verify-rows'; readonly rows: readonly SqlRow[] }
  /** GTID domains in the binary log with their last sequence number. */
  | { readonly named: 'binlog-domains'; readonly domains: Readonly<Record<string, number>> }
  | {
      readonly named: null;
      readonly columns: readonly string[];
      readonly rows: readonly SqlRow[];
      /** More rows were there than the limit. */
      readonly truncated: boolean;
    };

export type SqlEnsureFacts =
  | {
      readonly kind: 'user';
      readonly exists: boolean;
      readonly passwordMatches: boolean;
      readonly requireSsl: boolean;
      readonly grants: readonly string[];
    }
  | { readonly kind: 'database'; readonly exists: boolean }
  | { readonly kind: 'variable'; readonly value: string }
  | { readonly kind: 'hotpair-schema'; readonly missing: readonly string[] };

export interface ReplicationFacts {
  readonly channel: ReplicationChannel | null;
  readonly gtidBinlogPos: string;
  readonly gtidSlavePos: string;
  /** The channel is configured as asked, password included. */
  readonly configured: boolean;
}

export interface VerifyRowFacts {
  readonly token: string;
  readonly found: boolean;
  /** server_id of the host that wrote it. */
  readonly serverId: number | null;
  readonly waitedMs: number;
}

export interface AddressProbeFacts {
  readonly address: string;
  readonly interface: string;
  readonly answered: boolean;
  /** Hardware address of who answered. */
  readonly mac: string | null;
  /** The address is one of this host's own. */
  readonly own: boolean;
  /** How it was found out: `local` (the address list), `neighbour` (an ARP request by the kernel). */
  readonly method: 'local' | 'neighbour';
}

export interface LogLine {
  /** Milliseconds since the epoch; null in files. */
  readonly time: number | null;
  /** Unit, or path of the file. */
  readonly source: string;
  /** syslog priority, 0..7; null in files. */
  readonly priority: number | null;
  readonly message: string;
}

export interface ErrantTransaction {
  readonly gtid: string;
  /** The first words of it, or what became of its rows. */
  readonly statement: string;
}

export interface ErrantFacts {
  readonly path: string;
  readonly exists: boolean;
  readonly bytes: number;
  /** What could not be read; null when everything was. */
  readonly note: string | null;
  readonly count: number;
  /** The first ones. */
  readonly transactions: readonly ErrantTransaction[];
}

export interface FilePiece {
  /** Base64. */
  readonly data: string;
  /** Where the next piece begins; null at the end of the file. */
  readonly next: number | null;
}

export interface SeedFacts {
  readonly dataFolder: string;
  /** Bytes of what a copy has. */
  readonly dataBytes: number;
  /** Beside the data folder. */
  readonly freeBytes: number;
  /** The data folder is a file system of its own. */
  readonly mounted: boolean;
  /** A copy is whole, and not in its place yet. */
  readonly seedReady: boolean;
  /** Position of the copy that is in the data folder; null where the data are the server's own. */
  readonly adopted: string | null;
  /** Where the former data are. */
  readonly old: string | null;
}

export interface SeedFetchFacts {
  /** GTID position of the copy; null while there is none. */
  readonly position: string | null;
}

export interface SeedAdoptFacts {
  readonly position: string | null;
}

export interface SeedPositionFacts {
  readonly position: string;
}

export interface SeedCleanFacts {
  readonly left: readonly string[];
}

export interface ActionFacts {
  'package-ensure': PackageFacts;
  'file-ensure': FileFacts;
  'file-absent': FileFacts;
  'service-ensure': ServiceFacts;
  'sql-read': SqlReadFacts;
  'sql-ensure': SqlEnsureFacts;
  'verify-row-ensure': VerifyRowFacts;
  'verify-row-read': VerifyRowFacts;
  'replication-ensure': ReplicationFacts;
  'address-read': { readonly addresses: readonly Address[] };
  'address-probe': AddressProbeFacts;
  'host-read': HostFacts;
  'log-read': { readonly lines: readonly LogLine[] };
  'errant-save': ErrantFacts;
  'errant-read': FilePiece;
  'seed-read': SeedFacts;
  'seed-fetch': SeedFetchFacts;
  'seed-adopt': SeedAdoptFacts;
  'seed-position': SeedPositionFacts;
  'seed-clean': SeedCleanFacts;
}

/** Does not compile when an action has no facts. */
export type FactsOf<N extends ActionName> = ActionFacts[N];
