/** What needs attention about a pair as a whole, rule by rule, most urgent first. Pure. */

import type { Found } from './findings.ts';
import type { Failover, Finding, HostReport } from './health-report.ts';
import type { HealthRule, RuleFacts } from './health-rule.ts';

/** A rule about the pair as a whole. */
function ofPair(severity: Finding['severity'], find: (facts: RuleFacts) => Found | null): HealthRule['find'] {
  return (facts) => {
    const found = find(facts);
    return found === null ? [] : [{ severity, subject: facts.readings.pair.name, ...found }];
  };
}

const holders = (facts: RuleFacts): readonly HostReport[] => facts.hosts.filter((host) => host.hasVip);

export const PAIR_HEALTH_RULES: readonly HealthRule[] = [
  {
    id: 'P1',
    find: ofPair('critical', ({ hosts }) =>
      hosts.every((host) => host.writable === true) ? { what: 'two-writers', params: {} } : null,
    ),
  },
  {
    id: 'P2',
    find: ofPair('critical', (facts) =>
      holders(facts).length > 1 ? { what: 'two-holders', params: {} } : null,
    ),
  },
  {
    id: 'P3',
    find: ofPair('critical', (facts) => {
      const answering = facts.hosts.filter((host) => host.reachable);
      if (answering.length === 0 || holders(facts).length > 0) return null;
      return { what: 'no-holder', params: { hosts: answering.map(({ name }) => name) } };
    }),
  },
  {
    id: 'P4',
    find: ofPair('critical', ({ errantBy: count }) =>
      count > 0 ? { what: 'errant', params: { count } } : null,
    ),
  },
  {
    id: 'P5',
    find: ofPair('warning', interruptions),
  },
  {
    id: 'P6',
    find: ofPair('warning', ({ hosts: [{ serverVersion: a }, { serverVersion: b }] }) =>
      a !== null && b !== null && a !== b ? { what: 'versions', params: { versions: [a, b] } } : null,
    ),
  },
];

export const interruptionMs = (failover: Failover): number => failover.gapMs ?? 0;

function interruptions(facts: RuleFacts): Found | null {
  const real = facts.failovers.filter((failover) => !failover.drill);
  if (real.length === 0) return null;
  const moves = real.filter((failover) => failover.from !== failover.to).length;
  const ms = real.reduce((sum, failover) => sum + interruptionMs(failover), 0);
  return { what: 'interruptions', params: { moves, returns: real.length - moves, ms } };
}
