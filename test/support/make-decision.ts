/** A guard's decision as it writes one, with what a test wants different. */

import type { GuardDecision } from '../../shared/model/guard-decision.ts';

export function decisionOf(id: string, wish: Partial<GuardDecision> = {}): GuardDecision {
  return {
    ...{ id, at: 1_700_000_000_000, row: 'S5', reason: 'The primary is silent.' },
    ...{ from: 'STANDBY_READY', to: 'PROMOTING', epoch: 4, primary: 'db1', mode: 'sync' },
    ...{ ballot: 5, voters: [], effects: [], facts: { server: 'up', drained: true } },
    positions: { binlog: '0-1-42', slave: '0-1-42', received: '0-1-42' },
    clock: 1000,
    ...wish,
  };
}
