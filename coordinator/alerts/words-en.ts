/** Alerts in English. */

import { milliseconds } from '../report/units.ts';
import type { AlertParams } from './message.ts';
import type { Words } from './words.ts';

const CAUSES: Readonly<Record<string, string>> = {
  'server-down': 'its server stopped',
  'host-lost': 'the host went silent',
  isolated: 'the host was cut off from the others',
  'disk-full': 'its disk was full',
  'address-lost': 'its keepalived lost the address',
};
const cause = ({ detail }: AlertParams): string => CAUSES[detail ?? ''] ?? 'the cause is in the history';
const gap = ({ count }: AlertParams): string =>
  count === null ? '' : ` Nobody had the VIP for ${milliseconds(count)}.`;
const bracketed = (text: string | null): string =>
  text === null || text === '' ? '' : ` (${text.replace(/\.$/, '')})`;

export const ENGLISH: Words = {
  rules: {
    no_primary: {
      what: ({ vip }) => `No host serves ${vip}: clients get no answer, or cannot write.`,
      did: () => 'hotpair goes on trying; it opens no host that could have less than what was acknowledged.',
      left: () =>
        'See what the guards wait for. If both hosts are up and it stays so, read why in their logs.',
      over: ({ vip, host }) => `${host ?? 'A host'} serves ${vip} again.`,
    },
    unreachable: {
      what: () => 'Neither host answers the coordinator.',
      did: () =>
        'The hosts decide without the coordinator; if only the coordinator is cut off, clients notice nothing.',
      left: ({ vip }) => `See from elsewhere whether ${vip} answers, then look at the network and the hosts.`,
      over: () => 'The hosts answer again.',
    },
    two_writers: {
      what: () => 'Both servers accept writes, or both hosts hold the VIP.',
      did: () => 'The guards let only one host serve; what is seen here should not be possible.',
      left: ({ host }) =>
        `Fence the host that is not the recorded primary (${host}), then compare both servers.`,
      over: () => 'One host serves, alone.',
    },
    failover: {
      what: (p) => `${p.host} took over from ${p.peer}: ${cause(p)}.${gap(p)}`,
      did: ({ host, peer }) =>
        `${host} is primary and has every acknowledged commit; ${peer} is brought back as the standby by itself.`,
      left: () => 'Nothing now. See what led to it when it suits you.',
      over: ({ host }) => `${host} serves, and the pair is in SYNC again: either host can be lost.`,
    },
    fence_lapse: {
      what: (p) => `${p.host} stopped serving and came back: ${cause(p)}.${gap(p)}`,
      did: ({ host }) =>
        `Its port was closed in the kernel until ${host} could hold its lease again; nobody else was primary.`,
      left: () => 'See what led to it: a slow disk, a cut network, a server that was restarted.',
      over: ({ host }) => `${host} serves, and the pair is in SYNC again.`,
    },
    solo: {
      what: ({ host }) => `The pair is in SOLO: new commits are on ${host} alone.`,
      did: ({ peer }) =>
        `${peer} is taken back as soon as it keeps up; until then nobody can take over from the primary.`,
      left: ({ peer }) => `See what keeps ${peer} away.`,
      over: () => 'The pair is in SYNC again: every commit is on both hosts.',
    },
    standby: {
      what: ({ host, detail }) => `${host} could not take over now${bracketed(detail)}.`,
      did: () => 'It is made ready again by itself once its replication runs without a break.',
      left: ({ host }) => `See what ${host} waits for.`,
      over: ({ host }) => `${host} can take over again.`,
    },
    witness: {
      what: () =>
        'The witness, the third vote of the coordinator, does not count: only one of the two hosts can be lost.',
      did: () => 'The hosts have moved the votes among themselves; the witness gets its vote back by itself.',
      left: () => 'See that both hosts can be reached from the coordinator on the port of the guards (7434).',
      over: () => 'The witness votes again: either host can be lost.',
    },
    drill_overdue: {
      what: ({ count }) => `The last drill was ${count} days ago.`,
      did: () => 'Nothing: a drill interrupts clients for about a second, so it begins only when you say so.',
      left: () => 'Choose a quiet hour and try the take-over.',
      over: () => 'A drill was done.',
    },
    repair: {
      what: ({ host, detail }) => `${host} needs repair${bracketed(detail)}.`,
      did: ({ host, peer }) =>
        `${host} is kept out; ${peer} serves alone, and its newest commits exist once.`,
      left: ({ host }) =>
        `Save what only ${host} has, and give it a copy of the primary: one command does both.`,
      over: ({ host }) => `${host} is a standby again.`,
    },
    process_down: {
      what: ({ host, detail }) => `${detail} does not run on ${host}.`,
      did: () => 'systemd has tried to start it. The other host goes on.',
      left: ({ host }) => `Read the logs of ${host}; a deploy starts what is missing.`,
      over: ({ host }) => `Guard and keepalived run on ${host}.`,
    },
    agent_silent: {
      what: ({ host }) => `The agent on ${host} is silent: nothing is known of the host.`,
      did: () => 'The guards go on without agent and coordinator.',
      left: ({ host }) => `Is ${host} up? If it is: systemctl status hotpair-agent there.`,
      over: ({ host }) => `${host} is heard again.`,
    },
    lag: {
      what: ({ host, count }) => `${host} is ${count ?? 'many'} s behind.`,
      did: () => 'A take-over would wait until it has applied what it has received; nothing would be lost.',
      left: () => 'Look for long statements, tables without a primary key, and a slow disk.',
      over: ({ host }) => `${host} has caught up.`,
    },
    disk_full: {
      what: ({ host, count }) => `The disk of the data on ${host} is ${count} % full.`,
      did: () => 'When the primary has no room left and the standby is ready, the standby takes over.',
      left: () => 'Free space or grow the disk now; old binary logs are often the largest part.',
      over: ({ host }) => `The disk of ${host} has room again.`,
    },
    disk_filling: {
      what: ({ host, count }) => `The disk of the data on ${host} is ${count} % full.`,
      did: () => 'Nothing yet.',
      left: () => 'Free space or grow the disk before the server stops.',
      over: ({ host }) => `The disk of ${host} has room again, or is told of as full.`,
    },
    drift: {
      what: ({ host, detail }) => `On ${host}, not as deployed: ${detail}.`,
      did: () => 'Nothing: the next deploy puts it back.',
      left: () => 'See the difference, then deploy; settings of your own belong into hotpair.yaml.',
      over: ({ host }) => `Everything on ${host} is as deployed.`,
    },
    certificate_ends: {
      what: ({ host, detail, count }) => `The ${detail} certificate of ${host} ends in ${count} days.`,
      did: () => 'Nothing: certificates are renewed by a deploy or an installation of the agent.',
      left: () => 'Renew it now.',
      over: ({ host }) => `The certificates of ${host} are renewed.`,
    },
    certificate: {
      what: ({ host, detail, count }) => `The ${detail} certificate of ${host} ends in ${count} days.`,
      did: () => 'The next deploy renews it.',
      left: () => 'Deploy, or install the agent anew, within these days.',
      over: ({ host }) => `The certificates of ${host} are renewed, or are about to end.`,
    },
  },
  test: {
    what: () => 'This is a test. Nothing is wrong.',
    did: () => 'hotpair has sent this message, and nothing else.',
    left: () => 'Nothing.',
    over: () => '',
  },
  kinds: {
    repeated: 'STILL',
    escalated: 'UNACKNOWLEDGED',
    acknowledged: 'ACKNOWLEDGED',
    cleared: 'ALL CLEAR',
    test: 'TEST',
  },
  severities: { critical: 'CRITICAL', warning: 'WARNING' },
  since: (time, length) => `Since ${time} (${length})`,
  lasted: (time, length) => `From ${time}, for ${length}`,
  acknowledgedBy: (name) => `${name} is on it.`,
  andMore: (pair, count) => `${pair} and ${count} more`,
  alsoTitle: 'The same at the same time',
  didTitle: 'What hotpair does',
  leftTitle: 'What is left for you',
  acknowledge: (command) => `So that it is not told again: ${command}`,
  length: milliseconds,
};
