/** What deserves a person about one host, each row with its reason. docs/alerts.md is generated from it. Pure. */

import {
  CERTIFICATE_CRITICAL_DAYS,
  CERTIFICATE_WARNING_DAYS,
  DISK_CRITICAL,
  DISK_WARNING,
} from '../report/host-health-rules.ts';
import { driftWords } from '../watch/event-words.ts';
import type { HostState } from '../watch/host-state.ts';
import { eachHost, type Finding, finding, type PairFacts, type StateRule } from './rule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How full the disk of the data is, as long as it is within the bounds. */
function disk(facts: PairFacts, from: number, below: number): readonly Finding[] {
  return eachHost(facts, ({ name, heartbeat }) => {
    if (heartbeat === null || heartbeat.diskTotalBytes === 0) return null;
    const used = 1 - heartbeat.diskFreeBytes / heartbeat.diskTotalBytes;
    const ssh = facts.spec.hosts.find((host) => host.name === name)?.ssh ?? name;
    if (used < from || used >= below) return null;
    return finding(facts, name, { count: Math.floor(used * 100), command: `ssh ${ssh} df -h` });
  });
}

/** The certificate of the host that ends first, when its last day is within the bounds. */
function certificate(facts: PairFacts, above: number, upTo: number): readonly Finding[] {
  return eachHost(facts, ({ name, heartbeat }) => {
    const all = Object.entries(heartbeat?.certificates ?? {});
    const [first] = all.toSorted(([, a], [, b]) => a - b);
    if (first === undefined) return null;
    const count = Math.floor((first[1] - facts.now) / DAY);
    if (count <= above || count > upTo) return null;
    return finding(facts, name, { detail: first[0], count, command: `coordinator agent install ${name}` });
  });
}

function stopped({ guard, keepalived }: HostState): string | null {
  const down = [guard === 'down' ? 'hotpair-guard' : '', keepalived === 'down' ? 'keepalived' : ''];
  const names = down.filter((one) => one !== '');
  return names.length === 0 ? null : names.join(', ');
}

export const HOST_ALERT_RULES = {
  repair: {
    ...{ severity: 'critical', forMs: MINUTE, repeatMs: 4 * HOUR },
    why: 'The host has transactions that the primary has not: only a person may give them up, and until then there is no standby.',
    find: (facts) =>
      eachHost(facts, ({ name, reachable, heartbeat }) =>
        reachable && heartbeat?.guard?.voting?.phase === 'NEEDS_REPAIR'
          ? finding(facts, name, {
              ...{ detail: heartbeat.guard.reason, command: `coordinator reseed ${name}` },
            })
          : null,
      ),
  },
  process_down: {
    ...{ severity: 'critical', forMs: 2 * MINUTE, repeatMs: 4 * HOUR },
    why: 'Without its guard or keepalived the host cannot take over; systemd has tried by then.',
    find: (facts) =>
      eachHost(facts, (host) => {
        const detail = host.reachable && host.heartbeat !== null ? stopped(host) : null;
        const command = `coordinator deploy ${facts.spec.name}`;
        return detail === null ? null : finding(facts, host.name, { detail, command });
      }),
  },
  agent_silent: {
    ...{ severity: 'warning', forMs: 5 * MINUTE, repeatMs: 12 * HOUR },
    why: 'Nothing is known of the host. If the pair suffers from it, another rule says so.',
    find: (facts) => {
      const silent = facts.state.hosts.filter(({ reachable }) => !reachable);
      if (silent.length !== 1) return [];
      return silent.map(({ name }) => finding(facts, name, { command: 'coordinator agent list' }));
    },
  },
  lag: {
    ...{ severity: 'warning', forMs: 10 * MINUTE, repeatMs: 4 * HOUR },
    why: 'A take-over now would wait until the standby has applied what it is behind.',
    find: (facts) =>
      eachHost(facts, ({ name, reachable, replication, heartbeat }) =>
        reachable && replication === 'lagging'
          ? finding(facts, name, {
              count: heartbeat?.database.channel?.secondsBehind ?? null,
              command: `coordinator status ${facts.spec.name}`,
            })
          : null,
      ),
  },
  disk_full: {
    ...{ severity: 'critical', forMs: MINUTE, repeatMs: 2 * HOUR, always: true },
    why: `From ${DISK_CRITICAL * 100} % on the server may stop any time.`,
    find: (facts) => disk(facts, DISK_CRITICAL, Number.POSITIVE_INFINITY),
  },
  disk_filling: {
    ...{ severity: 'warning', forMs: 10 * MINUTE, repeatMs: DAY },
    why: `From ${DISK_WARNING * 100} % on there is time, but not for ever.`,
    find: (facts) => disk(facts, DISK_WARNING, DISK_CRITICAL),
  },
  drift: {
    ...{ severity: 'warning', forMs: 10 * MINUTE, repeatMs: 7 * DAY },
    why: 'Somebody has changed what a deploy wrote; the next one puts it back.',
    find: (facts) =>
      eachHost(facts, ({ name, drift }) =>
        drift.length === 0
          ? null
          : finding(facts, name, {
              detail: driftWords(drift),
              command: `coordinator plan ${facts.spec.name}`,
            }),
      ),
  },
  certificate_ends: {
    ...{ severity: 'critical', forMs: MINUTE, repeatMs: DAY },
    why: `With ${CERTIFICATE_CRITICAL_DAYS} days left: without it neither replication nor votes.`,
    find: (facts) => certificate(facts, Number.NEGATIVE_INFINITY, CERTIFICATE_CRITICAL_DAYS),
  },
  certificate: {
    ...{ severity: 'warning', forMs: MINUTE, repeatMs: 7 * DAY },
    why: `With ${CERTIFICATE_WARNING_DAYS} days left the next deploy renews it.`,
    find: (facts) => certificate(facts, CERTIFICATE_CRITICAL_DAYS, CERTIFICATE_WARNING_DAYS),
  },
} as const satisfies Record<string, StateRule>;
