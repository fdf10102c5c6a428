/** What must hold in every schedule, whatever happens. Times are true time, which no node knows. */

import { type NodeId, peerOf } from '../../shared/pair/weights.ts';
import type { DatabaseModel, Transaction } from './database-model.ts';

export interface Violation {
  readonly check:
    | 'acknowledged-lost'
    | 'dual-acknowledgement'
    | 'two-lease-holders'
    | 'divergence'
    | 'epoch-went-back'
    | 'no-primary'
    | 'never-sync-again'
    | 'no-failover'
    | 'no-switchover'
    | 'no-automatic-rejoin'
    | 'reopened-without-majority'
    | 'invariant';
  readonly at: number;
  readonly text: string;
}

export class Checks {
  readonly violations: Violation[] = [];
  readonly acknowledged: Transaction[] = [];
  readonly #openedAt: Record<NodeId, number> = { A: 0, B: 0 };
  readonly #lastAck: Record<NodeId, number> = { A: -1, B: -1 };
  readonly #epochs = new Map<string, number>();

  report(check: Violation['check'], at: number, text: string): void {
    if (this.violations.length < 20) this.violations.push({ check, at: Math.round(at), text });
  }

  /** Once a node acknowledged after the other one opened, the other one's writes are a second timeline. */
  onAcknowledged(node: NodeId, transaction: Transaction, at: number): void {
    const other = peerOf(node);
    this.acknowledged.push(transaction);
    if (this.#lastAck[other] >= this.#openedAt[node])
      this.report('dual-acknowledgement', at, `${node} acknowledges, ${other} did so after ${node} opened`);
    this.#lastAck[node] = at;
  }

  onWritable(node: NodeId, at: number): void {
    this.#openedAt[node] = at;
  }

  allAcknowledgedAreIn(database: DatabaseModel, at: number): void {
    const present = new Set(database.binlog.map(({ id }) => id));
    const lost = this.acknowledged.filter(({ id }) => !present.has(id));
    if (lost.length > 0)
      this.report('acknowledged-lost', at, `${database.id} lacks ${lost.length} acknowledged transactions`);
  }

  /** A standby that is ready has what the primary has, without holes. */
  isCopyOf(standby: DatabaseModel, primary: DatabaseModel, at: number): void {
    const place = standby.binlog.findIndex(({ id }, index) => id !== primary.binlog[index]?.id);
    if (place !== -1) this.report('divergence', at, `${standby.id} differs at ${place}, nothing noticed it`);
  }

  /** An operator forced this node to be primary: what it does not have is given up. */
  giveUp(database: DatabaseModel): void {
    // A server that is just starting as a former primary drops the rest.
    const kept = database.state === 'up' ? database.binlog : database.binlog.slice(0, database.survives);
    const applies = database.sqlRunning && !database.sqlError;
    const present = new Set([...kept, ...(applies ? database.relay : [])].map(({ id }) => id));
    const left = this.acknowledged.filter(({ id }) => present.has(id));
    this.acknowledged.splice(0, this.acknowledged.length, ...left);
  }

  /** Its disk is new. */
  forgetEpochs(voter: string): void {
    this.#epochs.delete(`${voter} promise`);
    this.#epochs.delete(`${voter} record`);
  }

  onLedger(voter: string, promised: number, record: number, at: number): void {
    for (const [name, epoch] of [
      [`${voter} promise`, promised],
      [`${voter} record`, record],
    ] as const) {
      if (epoch < (this.#epochs.get(name) ?? 0)) this.report('epoch-went-back', at, `${name} ${epoch}`);
      this.#epochs.set(name, Math.max(epoch, this.#epochs.get(name) ?? 0));
    }
  }
}
