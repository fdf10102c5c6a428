/** Where hotpair's files are on a database host. One place, so that the agent, the guard and the renderers agree. */

export const HOST_PATHS = {
  /** Versions of the agent, and the Node runtime; `current` is a symbolic link to the version in use. */
  install: '/opt/hotpair',
  current: '/opt/hotpair/current',
  node: '/opt/hotpair/current/node',
  bundle: '/opt/hotpair/current/agent.cjs',
  guardBundle: '/opt/hotpair/current/guard.cjs',
  config: '/etc/hotpair',
  agentConfig: '/etc/hotpair/agent.json',
  guardConfig: '/etc/hotpair/guard.json',
  pki: '/etc/hotpair/pki',
  ca: '/etc/hotpair/pki/ca.crt',
  /**
   * Authorities that the guards and the database servers trust of each other: `ca`; after it, after a take-over, the one
   * before it; before it, until the take-over has come to this host, the one to come.
   */
  trusted: '/etc/hotpair/pki/trusted.crt',
  agentKey: '/etc/hotpair/pki/agent.key',
  agentCert: '/etc/hotpair/pki/agent.crt',
  /** Key pair of the database server; copied for the server's own user by the deploy. */
  databaseKey: '/etc/hotpair/pki/database.key',
  databaseCert: '/etc/hotpair/pki/database.crt',
  /** What the server reads (owner mysql). */
  serverPki: '/etc/mysql/hotpair',
  state: '/var/lib/hotpair',
  journal: '/var/lib/hotpair/journal.jsonl',
  /** How often the guard was started. */
  guardRun: '/var/lib/hotpair/guard-run',
  /** Fingerprint of the authority that both guards were seen to be of: its witness is the one that is heard. */
  witnessAuthority: '/var/lib/hotpair/witness-authority',
  /** What the guard decided and why, for the coordinator's history. */
  decisions: '/var/lib/hotpair/decisions.jsonl',
  /** What the guard has promised and accepted as a voter: written before any answer that rests on it. */
  pairRecord: '/var/lib/hotpair/pair.json',
  /** Previous versions of files that were replaced. */
  previous: '/var/lib/hotpair/previous',
  /** What a host had alone, saved before its data were replaced. */
  errant: '/var/lib/hotpair/errant',
  run: '/run/hotpair',
  /** keepalived follows it: "1" = this host may hold the VIP, anything else = it may not. */
  permit: '/run/hotpair/vip_permit',
  /** Options of the next server start, written by the guard (EnvironmentFile of mariadb.service). */
  serverEnvironment: '/run/hotpair/server.env',
  guardStatus: '/run/hotpair/guard-status.json',
  /** Where the guard takes commands of operators from the agent; root's alone. */
  guardSocket: '/run/hotpair/guard.sock',
  /** While it exists the guard does not start the server and leaves replication alone (drill, maintenance). */
  holdServer: '/run/hotpair/hold-server',
  /** Whom the agent may give a copy of the data to, while the coordinator wants it. See seed-offer.ts. */
  seedOffer: '/run/hotpair/seed-offer.json',
  /** Who is at work on the pair, while somebody is; written by the agent, read by an installation. See claim.ts. */
  claims: '/run/hotpair/claims',
  serverDropIn: '/etc/mysql/mariadb.conf.d/99-hotpair.cnf',
  serverUnitDropIn: '/etc/systemd/system/mariadb.service.d/hotpair.conf',
  keepalivedConfig: '/etc/keepalived/keepalived.conf',
  keepalivedUnitDropIn: '/etc/systemd/system/keepalived.service.d/hotpair.conf',
  agentUnit: '/etc/systemd/system/hotpair-agent.service',
  guardUnit: '/etc/systemd/system/hotpair-guard.service',
} as const;

export const DEFAULT_AGENT_PORT = 7433;

/** The guard listens for the other voters one port after the agent. */
export function guardPort(agentPort: number): number {
  return agentPort + 1;
}
