/** What the observer of a pair is told, and the tables it works on. */

import type { LoadSettings } from './settings.ts';

export interface ObservedNode {
  readonly name: string;
  readonly address: string;
  /** Ids of the probe rows written through this node's own address start here. */
  readonly firstId: number;
}

export interface ObserverSettings
  extends Pick<LoadSettings, 'port' | 'user' | 'password' | 'database' | 'table'> {
  readonly vip: string;
  readonly nodes: readonly ObservedNode[];
  /** Of the probe writes, in the form of every load client. */
  readonly historyFile: string;
  /** Of everything else. */
  readonly observationFile: string;
}

/** Time between two samples of a node. */
export const sampleMs = 20;
export const bank = { accounts: 10, balance: 100 } as const;
export const bankTotal = bank.accounts * bank.balance;
