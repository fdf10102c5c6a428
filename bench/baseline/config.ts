/**
 * The configuration of the classic how-to for two MySQL servers behind keepalived, as it is usually printed:
 * asynchronous replication both ways by file and position, errors skipped, both servers writable, a TCP check every
 * 2 s. It is the baseline that hotpair is measured against, and nobody's recommendation. Pure texts.
 */

export const baselinePaths = {
  server: '/etc/mysql/mariadb.conf.d/99-how-to.cnf',
  keepalived: '/etc/keepalived/keepalived.conf',
  check: '/etc/keepalived/check_mysql.sh',
} as const;

export interface BaselineHost {
  readonly ordinal: 1 | 2;
  readonly name: string;
  readonly interface: string;
}

export interface BaselineVip {
  readonly address: string;
  readonly prefix: number;
  readonly routerId: number;
}

export function renderServer({ ordinal }: BaselineHost): string {
  return `[mysqld]
server-id = ${ordinal}
bind-address = 0.0.0.0
log-bin = mysql-bin
relay-log = relay-bin
log-slave-updates = 1
binlog-ignore-db = mysql
binlog-ignore-db = information_schema
auto_increment_increment = 2
auto_increment_offset = ${ordinal}
slave-skip-errors = all
`;
}

export function renderKeepalived(host: BaselineHost, vip: BaselineVip): string {
  return `! Configuration File for keepalived
global_defs {
    router_id ${host.name}
    script_user root
}
vrrp_script check_mysql {
    script "${baselinePaths.check}"
    interval 2
    fall 1
    rise 1
}
vrrp_instance VI_1 {
    state BACKUP
    nopreempt
    interface ${host.interface}
    virtual_router_id ${vip.routerId}
    priority ${host.ordinal === 1 ? 100 : 90}
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1111
    }
    virtual_ipaddress {
        ${vip.address}/${vip.prefix} dev ${host.interface}
    }
    track_script {
        check_mysql
    }
}
`;
}

/** The how-to's TCP check of the port: whoever accepts a connection is taken to be well. */
export function renderCheck(): string {
  return `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/3306
`;
}

/** Accounts of the how-to, made on each server outside its binary log. */
export function renderAccounts(names: {
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly replicationPassword: string;
}): string {
  return `SET SESSION sql_log_bin = 0;
CREATE OR REPLACE USER 'repl'@'%' IDENTIFIED BY '${names.replicationPassword}';
GRANT REPLICATION SLAVE ON *.* TO 'repl'@'%';
CREATE DATABASE IF NOT EXISTS ${names.database};
CREATE OR REPLACE USER '${names.user}'@'%' IDENTIFIED BY '${names.password}';
GRANT ALL ON ${names.database}.* TO '${names.user}'@'%';
`;
}

export function renderChangeMaster(source: {
  readonly address: string;
  readonly password: string;
  readonly file: string;
  readonly position: string;
}): string {
  return `STOP SLAVE;
CHANGE MASTER TO MASTER_HOST='${source.address}', MASTER_USER='repl', MASTER_PASSWORD='${source.password}',
  MASTER_LOG_FILE='${source.file}', MASTER_LOG_POS=${source.position};
START SLAVE;
`;
}
