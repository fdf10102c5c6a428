/** What needs attention about a pair as a whole, rule by rule, most urgent first. Pure. */

import type { Failover, Finding, HostReport } from './health-report.ts';
import type { Found, HealthRule, RuleFacts } from './health-rule.ts';
import { milliseconds } from './units.ts';

/** A rule about the pair as a whole. */
function ofPair(severity: Finding['severity'], find: (facts: RuleFacts) => Found): HealthRule['find'] {
  return (facts) => {
    const found = find(facts);
    return found === null ? [] : [{ severity, subject: facts.readings.pair.name, ...found }];
  };
}

const holders = (facts: RuleFacts): readonly HostReport[] => facts.hosts.filter((host) => host.hasVip);

export const PAIR_HEALTH_RULES: readonly HealthRule[] = [
  {
    id: 'P1',
    find: ofPair('critical', (facts) =>
      facts.hosts.every((host) => host.writable === true)
        ? {
            detail: 'Both servers accept writes.',
            remedy: 'Stop the writers, and compare both servers before anything else.',
          }
        : null,
    ),
  },
  {
    id: 'P2',
    find: ofPair('critical', (facts) =>
      holders(facts).length > 1
        ? {
            detail: 'Both hosts hold the VIP.',
            remedy: 'See coordinator logs; coordinator deploy puts keepalived and the guard right.',
          }
        : null,
    ),
  },
  {
    id: 'P3',
    find: ofPair('critical', (facts) => {
      const answering = facts.hosts.filter((host) => host.reachable);
      if (answering.length === 0 || holders(facts).length > 0) return null;
      const who = answering.map((host) => host.name).join(' and ');
      return {
        detail: `The VIP is not on ${who}.`,
        remedy: 'coordinator logs shows why no guard permits it.',
      };
    }),
  },
  {
    id: 'P4',
    find: ofPair('critical', (facts) =>
      facts.errantBy > 0
        ? {
            detail: `The standby has ${facts.errantBy} transactions that the primary has not.`,
            remedy: 'Find what wrote to the standby before the roles change.',
          }
        : null,
    ),
  },
  {
    id: 'P5',
    find: ofPair('warning', interruptions),
  },
  {
    id: 'P6',
    find: ofPair('warning', ({ hosts: [a, b] }) =>
      a.serverVersion !== null && b.serverVersion !== null && a.serverVersion !== b.serverVersion
        ? {
            detail: `The servers are of different versions: ${a.serverVersion} and ${b.serverVersion}.`,
            remedy: 'Bring both to the same version, the standby first.',
          }
        : null,
    ),
  },
];

export const interruptionMs = (failover: Failover): number => failover.gapMs ?? 0;

function interruptions(facts: RuleFacts): Found {
  const real = facts.failovers.filter((failover) => !failover.drill);
  if (real.length === 0) return null;
  const moves = real.filter((failover) => failover.from !== failover.to).length;
  const parts = [
    moves > 0 ? `moved ${times(moves)}` : '',
    moves < real.length ? `was away ${times(real.length - moves)}` : '',
  ];
  const known = real.reduce((sum, failover) => sum + interruptionMs(failover), 0);
  return {
    detail: `The VIP ${parts.filter((part) => part !== '').join(' and ')} in the period${known === 0 ? '' : `, clients were interrupted for ${milliseconds(known)} in all`}.`,
    remedy: 'coordinator events shows what came before.',
  };
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
