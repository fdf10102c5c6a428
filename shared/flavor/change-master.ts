/** How a replication channel of MariaDB is configured: by GTID, and over TLS with the source's certificate checked. Pure. */

export interface ChannelSource {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** PEM file on the replica's host. */
  readonly sslCa: string;
}

/** The server checks that the source's certificate is for MASTER_HOST, an IP address among its names included. */
export const CHANGE_MASTER = `CHANGE MASTER TO MASTER_HOST = ?, MASTER_PORT = ?, MASTER_USER = ?, MASTER_PASSWORD = ?,
  MASTER_USE_GTID = slave_pos, MASTER_SSL = 1, MASTER_SSL_CA = ?, MASTER_SSL_VERIFY_SERVER_CERT = 1,
  MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 0.5`;

/** In the order of the statement's placeholders. */
export function changeMasterValues({
  host,
  port,
  user,
  password,
  sslCa,
}: ChannelSource): (string | number)[] {
  return [host, port, user, password, sslCa];
}
