/** The form of a health rule, and what the rules look at. Pure. */

import type { Heartbeat } from '../../shared/model/facts.ts';
import type { Failover, FoundBy, HostReport, PairReadings } from './health-report.ts';

export interface RuleFacts {
  readonly readings: PairReadings;
  readonly hosts: readonly [HostReport, HostReport];
  readonly failovers: readonly Failover[];
  /** Transactions of the pair's own domain that the standby has and the primary has not. */
  readonly errantBy: number;
}

export interface HealthRule {
  readonly id: string;
  readonly find: (facts: RuleFacts) => FoundBy[];
}

export function heartbeatOf(facts: RuleFacts, host: string): Heartbeat | null {
  return facts.readings.hosts.find((reading) => reading.name === host)?.heartbeat ?? null;
}
