/** What differs between database servers: names of packages, units and paths, and the options that make a pair. */

export interface Flavor {
  readonly name: 'mariadb';
  /** What a bare host needs, in one go. */
  readonly packages: readonly string[];
  /** The package whose version must be equal on both hosts. */
  readonly serverPackage: string;
  readonly unit: string;
  readonly socket: string;
  readonly owner: string;
  readonly dataFolder: string;
  readonly optionGroup: string;
  /** Options that the pair depends on: a user's own value for one of them is refused. */
  pairOptions(server: ServerIdentity): ReadonlyMap<string, string>;
  /** Options that hotpair sets where the user does not. */
  defaultOptions(): ReadonlyMap<string, string>;
}

export interface ServerIdentity {
  readonly ordinal: 1 | 2;
  readonly port: number;
  /** Where the server's key, certificate and authority are. */
  readonly key: string;
  readonly certificate: string;
  readonly authority: string;
}
