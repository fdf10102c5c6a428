/** Reports in English. */

import { driftWords } from '../watch/event-words.ts';
import { bytes, days, duration, milliseconds } from './units.ts';
import type { ReportWords } from './words.ts';

const LARGE = 'old binary logs are often the largest part.';
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
const bracketed = (text: string | null): string => (text === null || text === '' ? '' : ` (${text})`);
const place = (position: string): string => position || 'the beginning';

const replication: ReportWords['replication'] = (channel) => {
  if (channel.state === 'running') return `from ${channel.from}, both threads run`;
  if (channel.state === 'stopped') return `IO ${channel.io}, SQL ${channel.sql ? 'Yes' : 'No'}`;
  if (channel.state === 'none') return 'not set up';
  return channel.state === 'server-down' ? 'the server is down' : 'unknown';
};

export const ENGLISH: ReportWords = {
  lang: 'en',
  grades: { healthy: 'healthy', attention: 'attention', critical: 'critical' },
  severities: { critical: 'critical', warning: 'warning' },
  headline: {
    healthy: (pair, primary, vip, standby) =>
      `HEALTHY: ${pair}: ${primary} is primary and holds the VIP ${vip}, ${standby} follows.`,
    trouble: (grade, pair, subject, detail, more) =>
      `${grade.toUpperCase()}: ${pair}:${subject === null ? '' : ` ${subject}:`} ${detail.replace(/\.$/, '')}${more === 0 ? '.' : `; ${more} more below.`}`,
    all: (grade, count, of) => {
      const part = (title: string, pairs: readonly string[]): string[] =>
        pairs.length === 0 ? [] : [`${title}: ${pairs.join(', ')}`];
      const parts = [
        ...part('critical', of.critical),
        ...part('needs attention', of.attention),
        ...part('healthy', of.healthy),
      ];
      return `${grade.toUpperCase()}: ${count} pairs; ${parts.join('; ')}.`;
    },
  },
  findings: {
    'two-writers': {
      detail: () => 'Both servers accept writes.',
      remedy: () => 'Stop the writers, and compare both servers before anything else.',
    },
    'two-holders': {
      detail: () => 'Both hosts hold the VIP.',
      remedy: () => 'See coordinator logs; coordinator deploy puts keepalived and the guard right.',
    },
    'no-holder': {
      detail: ({ hosts }) => `The VIP is not on ${hosts.join(' and ')}.`,
      remedy: () => 'coordinator logs shows why no guard permits it.',
    },
    errant: {
      detail: ({ count }) => `The standby has ${count} transactions that the primary has not.`,
      remedy: () => 'Find what wrote to the standby before the roles change.',
    },
    interruptions: {
      detail: ({ moves, returns, ms }) => {
        const parts = [
          ...(moves === 0 ? [] : [`moved ${times(moves)}`]),
          ...(returns === 0 ? [] : [`was away ${times(returns)}`]),
        ];
        const waited = ms === 0 ? '' : `, clients were interrupted for ${milliseconds(ms)} in all`;
        return `The VIP ${parts.join(' and ')} in the period${waited}.`;
      },
      remedy: () => 'coordinator events shows what came before.',
    },
    versions: {
      detail: ({ versions: [a, b] }) => `The servers are of different versions: ${a} and ${b}.`,
      remedy: () => 'Bring both to the same version, the standby first.',
    },
    'holder-read-only': {
      detail: () => 'It holds the VIP but its server is read-only.',
      remedy: () => 'coordinator logs shows what its guard waits for.',
    },
    'server-silent': {
      detail: ({ error }) => `The database server does not answer${bracketed(error)}.`,
      remedy: ({ host }) => `coordinator logs ${host} shows why; coordinator deploy starts it.`,
    },
    'agent-silent': {
      detail: ({ error }) => `Its agent does not answer: ${error ?? 'no heartbeat'}`,
      remedy: () => 'Is the host up? systemctl status hotpair-agent there; coordinator agent install.',
    },
    'peer-away': {
      detail: ({ peer, up }) =>
        `It has nothing to replicate from while ${peer} is ${up ? 'not back as its standby' : 'down'}.`,
      remedy: ({ peer }) => `It goes on by itself when ${peer} is back.`,
    },
    'replication-stopped': {
      detail: ({ channel, error }) => `Replication does not run: ${replication(channel)}${bracketed(error)}.`,
      remedy: () => 'coordinator status names the cause; coordinator deploy repairs the set-up.',
    },
    'guard-silent': {
      detail: () => 'The guard is down or silent, so the host cannot take over.',
      remedy: ({ host }) => `coordinator logs ${host}; coordinator deploy starts it.`,
    },
    'keepalived-down': {
      detail: () => 'keepalived does not run, so the host cannot hold the VIP.',
      remedy: ({ host }) => `coordinator logs ${host}; coordinator deploy starts it.`,
    },
    'disk-full': {
      detail: ({ percent, freeBytes }) =>
        `The disk of the data is ${percent} % full, ${bytes(freeBytes)} are left.`,
      remedy: () => `Free space or grow the disk before the server stops; ${LARGE}`,
    },
    'disk-fills': {
      detail: ({ days: left }) =>
        `The disk of the data is full in about ${days(left)} if it goes on as in the last weeks.`,
      remedy: () => `See what grows: ${LARGE}`,
    },
    certificate: {
      detail: ({ name, daysLeft }) =>
        `The ${name} certificate ${daysLeft < 0 ? 'has expired' : `expires in ${days(daysLeft)}`}.`,
      remedy: ({ host }) => `coordinator agent install ${host} issues new ones.`,
    },
    lag: {
      detail: ({ seconds }) => `It is ${seconds} s behind.`,
      remedy: () => 'A failover now would wait for that; look for long statements and a slow disk.',
    },
    clock: {
      detail: ({ ms }) =>
        `Its clock is ${milliseconds(Math.abs(ms))} ${ms > 0 ? 'ahead of' : 'behind'} the coordinator's.`,
      remedy: () => 'Run a time service on all three machines.',
    },
    drift: {
      detail: ({ drift }) => `Not as deployed: ${driftWords(drift)}.`,
      remedy: () =>
        'coordinator plan shows the difference and coordinator deploy puts it back; settings of your own belong into hotpair.yaml.',
    },
  },
  attention: 'Needs attention first',
  calm: 'Nothing needs attention.',
  item: (subject, detail) => `${subject}: ${detail}`,
  reportOf: (time, length) => `Health report of ${time}${length === null ? '' : `, for ${length}`}`,
  missed: (count, first, last) =>
    count === 1
      ? `The report of ${first} was missed: the daemon was not running.`
      : `${count} reports from ${first} to ${last} were missed: the daemon was not running.`,
  overview: { title: 'All pairs', heading: ['pair', 'verdict', 'available', 'interruptions'] },
  figures: {
    title: 'In figures',
    heading: ['this period', 'the one before'],
    rows: {
      ...{ available: 'available', interruptions: 'interruptions', withoutVip: 'without VIP' },
      ...{ inSync: 'in SYNC', lag: 'highest lag', commits: 'commits a second', load: 'highest load' },
      watched: 'watched',
    },
    commits: (mean, most) => `${mean}, at most ${most}`,
  },
  tiles: {
    available: 'available',
    interruptions: (count) => (count === 1 ? 'interruption' : 'interruptions'),
    ...{ lag: 'highest lag', never: 'never', drilled: 'drilled', sinceDrill: 'since the last drill' },
  },
  hosts: {
    title: 'Hosts',
    rows: {
      ...{ address: 'address', role: 'role', server: 'server', writes: 'writes', lag: 'lag', load: 'load' },
      ...{ replication: 'replication', diskFree: 'disk free', diskFull: 'disk full', hostUp: 'host up' },
      certificates: 'certificates',
    },
  },
  roles: {},
  serverDown: 'down',
  serverUp: (version, length) => `${version}, up ${length}`,
  ...{ yes: 'yes', no: 'no', readOnly: 'read-only' },
  fullIn: (left) => `in about ${left}`,
  ...{ fullUnknown: 'not known yet', fullNever: 'not within a year' },
  replication,
  notWatched: 'not watched',
  atMost: (length) => `at most ${length}`,
  interruptions: {
    title: 'Interruptions',
    heading: ['time', 'VIP', 'without it', 'why'],
    back: (host) => `back on ${host}`,
    causes: {
      ...{ 'server-down': 'its server stopped', 'host-lost': 'the host was lost', drill: 'drill' },
      ...{ isolated: 'the host was cut off', 'disk-full': 'its disk was full', planned: 'planned' },
      ...{ 'address-lost': 'keepalived lost it' },
      unknown: 'not known',
    },
  },
  runs: {
    title: 'Runs',
    heading: ['time', 'command', 'outcome', 'changes', 'took'],
    outcomes: { ok: 'ok', failed: 'failed', refused: 'refused', interrupted: 'interrupted' },
    notEnded: 'not ended',
  },
  summary: {
    failovers: (length, count, interrupted) =>
      `Failovers in the last ${length}: ${count}${interrupted === null ? '' : `; interrupted for ${interrupted} in all`}.`,
    gtidUnknown: 'GTID difference: not known, a server does not answer.',
    gtidNone: (position) => `GTID difference: none, both servers are at ${place(position)}.`,
    gtid: (differences, places) => {
      const parts = differences.map(({ ahead, by, domain }) => `${ahead} is ${by} ahead in domain ${domain}`);
      const ends = places.map(([name, position]) => `${name} at ${place(position)}`);
      return `GTID difference: ${parts.join(', ')} (${ends.join(', ')}).`;
    },
    drill: (age, waited) =>
      `Last drill: ${age === 0 ? 'today' : `${days(age)} ago`}${waited === null ? '' : `; clients waited ${waited}`}.`,
    noDrill: (pair) => `No drill was done yet: coordinator drill ${pair}.`,
  },
  charts: { commits: 'Commits a second', lag: 'Lag of the standby', load: 'Load of the hosts' },
  highest: (value) => `highest ${value}`,
  more: (count) => `… and ${count} more`,
  ...{ milliseconds, duration, days },
};
