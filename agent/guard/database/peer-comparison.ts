/**
 * The own binary log against the one of the peer's server, over one TLS connection as the replication account. Only
 * while it is asked for; never waited for by anything.
 */

import { readFileSync } from 'node:fs';
import type { GuardConfig } from '../config.ts';
import { type DatabaseLink, type LinkTarget, openLink } from '../database-link.ts';
import { type Compared, compareLogs, type OwnLog } from './comparison.ts';

const ASK = `SELECT @@global.gtid_binlog_state AS state, @@global.gtid_binlog_pos AS position,
  @@global.read_only AS readOnly`;
const CONNECT_MS = 400;
const ANSWER_MS = 1000;
const VALID_MS = 1000;
const UNKNOWN: Compared = { result: 'unknown', errant: null };

/** Where the own log ended, read before the peer is asked, and which run of the own server that was. */
export interface OwnEnd {
  readonly run: number;
  readonly log: OwnLog;
}

export class PeerComparison {
  /** The end of the peer's log as it said last; empty: it never answered. */
  peerPos = '';
  readonly #config: GuardConfig;
  #on = false;
  #link: DatabaseLink | undefined;
  #busy = false;
  #last: { readonly at: number; readonly run: number; readonly compared: Compared } | undefined;

  constructor(config: GuardConfig) {
    this.#config = config;
  }

  /** Off: `unknown`, and no connection. */
  switch(on: boolean): void {
    this.#on = on;
    if (!on) this.close();
  }

  /** What is known of this run of the own server. */
  known(run: number): Compared {
    const last = this.#last;
    const valid = last !== undefined && last.run === run && performance.now() - last.at < VALID_MS;
    return valid ? last.compared : UNKNOWN;
  }

  tick(own: OwnEnd | undefined): void {
    if (this.#on && own !== undefined && !this.#busy) void this.#compare(own);
  }

  close(): void {
    this.#last = undefined;
    this.#link?.destroy();
    this.#link = undefined;
  }

  async #compare(own: OwnEnd): Promise<void> {
    this.#busy = true;
    const at = performance.now();
    try {
      const link = await this.#connect();
      const [row] = await link.query(ASK, ANSWER_MS);
      if (!this.#on) link.destroy();
      if (!this.#on || row === undefined) return;
      this.peerPos = String(row['position'] ?? '');
      const peer = { state: String(row['state'] ?? ''), writable: Number(row['readOnly']) === 0 };
      this.#last = { at, run: own.run, compared: compareLogs(own.log, peer) };
    } catch {
      // Not answered: what was known grows old.
    } finally {
      this.#busy = false;
    }
  }

  async #connect(): Promise<DatabaseLink> {
    if (this.#link !== undefined) return this.#link;
    const link = await openLink(this.#target(), CONNECT_MS);
    this.#link = link;
    void link.closed.then(() => {
      if (this.#link === link) this.#link = undefined;
    });
    return link;
  }

  #target(): LinkTarget {
    const { port, replicationUser, replicationPassword, ca } = this.#config.database;
    return {
      host: this.#config.peer.address,
      port,
      user: replicationUser,
      password: replicationPassword,
      ca: readFileSync(ca, 'utf8'),
    };
  }
}
