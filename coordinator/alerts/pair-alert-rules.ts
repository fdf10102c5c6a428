/** What deserves a person about a pair as a whole, each row with its reason. docs/alerts.md is generated from it. Pure. */

import { modeOf, servingHost } from '../api/pair-facts.ts';
import type { StoredEvent } from '../store/event-log.ts';
import { newestRecord } from '../watch/newest-record.ts';
import { type EventRule, finding, type PairFacts, primaryName, type StateRule, standbyOf } from './rule.ts';
import type { AlertState } from './state.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** So long at least the news of an interruption stands before its end is told. */
const NEWS_MS = MINUTE;

const answers = ({ state }: PairFacts): boolean =>
  state.hosts.some((host) => host.reachable && host.heartbeat !== null);

/** An operator's own order explains it. */
const isOrdered = ({ state }: PairFacts): boolean =>
  state.hosts.some(({ heartbeat }) => (heartbeat?.guard?.voting?.order ?? null) !== null);

const isWhole = (facts: PairFacts): boolean =>
  servingHost(facts.state) !== null && modeOf(facts.state) === 'sync';

const isOver = (alert: AlertState, facts: PairFacts): boolean =>
  facts.now - alert.since >= NEWS_MS && (isWhole(facts) || isOrdered(facts));

/** `how` tells a move of the VIP from a host that went away and came back. */
function interruption(event: StoredEvent, facts: PairFacts, how: 'moved' | 'returned') {
  const outage = facts.outages.findLast(({ id }) => id === event.id);
  const moved = outage !== undefined && outage.from !== outage.to;
  if (outage === undefined || moved !== (how === 'moved')) return null;
  if (outage.cause === 'planned' || outage.cause === 'drill') return null;
  const params = {
    ...{ host: outage.to, detail: outage.cause, count: outage.gapMs },
    command: `coordinator events --explain ${event.id}`,
  };
  return { ...finding(facts, null, params), since: event.time };
}

/** The primary has its VIP and its server, and the server takes no writes. */
function isShut({ state }: PairFacts): boolean {
  const holder = state.hosts.find(({ name }) => name === state.holder);
  return holder?.reachable === true && holder.vip !== null && holder.writable === null;
}

export const PAIR_ALERT_RULES = {
  no_primary: {
    ...{ severity: 'critical', forMs: 10 * SECOND, repeatMs: 30 * MINUTE },
    why: 'Nobody is served, and what hotpair does by itself takes a second.',
    find: (facts) =>
      answers(facts) && (facts.state.missing || isShut(facts))
        ? [finding(facts, null, { command: `coordinator status ${facts.spec.name}` })]
        : [],
  },
  unreachable: {
    ...{ severity: 'critical', forMs: MINUTE, repeatMs: 30 * MINUTE },
    why: 'Neither host answers the coordinator: the pair may be down, and has no witness in any case.',
    find: (facts) =>
      answers(facts) ? [] : [finding(facts, null, { command: `coordinator status ${facts.spec.name}` })],
  },
  two_writers: {
    ...{ severity: 'critical', forMs: 0, repeatMs: 10 * MINUTE, always: true },
    why: 'Every second makes it worse: two servers that take writes, or two hosts with the VIP, part for good.',
    find: (facts) => {
      const { twoWriters, duplicated, hosts } = facts.state;
      const recorded = newestRecord(facts.state.hosts)?.voting.primary ?? primaryName(facts);
      const other = hosts.find(({ name }) => name !== recorded)?.name ?? hosts[1].name;
      if (!twoWriters && !duplicated) return [];
      return [finding(facts, null, { host: other, command: `coordinator fence on ${other}` })];
    },
  },
  failover: {
    ...{ severity: 'warning', forMs: 0, repeatMs: 0 },
    why: 'It went well without you; look at the cause when it suits you. What does not heal is told by its own rule.',
    opens: (event, facts) => (event.kind === 'VipMoved' ? interruption(event, facts, 'moved') : null),
    over: isOver,
  },
  fence_lapse: {
    ...{ severity: 'warning', forMs: 0, repeatMs: 0 },
    why: 'The primary lost its lease or its server, its port was closed, and it came back: clients were cut off, and it can happen again.',
    opens: (event, facts) => (event.kind === 'VipRestored' ? interruption(event, facts, 'returned') : null),
    over: isOver,
  },
  solo: {
    ...{ severity: 'critical', forMs: 15 * MINUTE, repeatMs: 4 * HOUR },
    why: 'The newest commits exist once, and a second fault stops the pair. In a quarter of an hour what heals by itself has healed. Not told while an order of yours is the reason.',
    find: (facts) => {
      const standby = standbyOf(facts)?.name ?? null;
      if (modeOf(facts.state) !== 'solo' || isOrdered(facts)) return [];
      return [
        finding(facts, null, { command: `coordinator logs ${standby ?? facts.spec.name} --since 30m` }),
      ];
    },
  },
  standby: {
    ...{ severity: 'warning', forMs: 5 * MINUTE, repeatMs: 12 * HOUR },
    why: 'The pair is in SYNC, but the standby could not take over now.',
    find: (facts) => {
      const standby = standbyOf(facts);
      const voting = standby?.reachable === true ? (standby.heartbeat?.guard?.voting ?? null) : null;
      if (standby === null || voting === null || voting.promotable || isOrdered(facts)) return [];
      if (modeOf(facts.state) !== 'sync') return [];
      const detail = standby.heartbeat?.guard?.reason ?? null;
      return [
        finding(facts, standby.name, { detail, command: `coordinator logs ${standby.name} --since 30m` }),
      ];
    },
  },
  witness: {
    ...{ severity: 'warning', forMs: 10 * MINUTE, repeatMs: 12 * HOUR },
    why: 'Without the third vote only one of the two hosts can be lost; nobody is cut off yet.',
    find: (facts) => {
      const voting = facts.state.hosts.flatMap(({ reachable, heartbeat }) =>
        reachable ? (heartbeat?.guard?.voting ?? []) : [],
      );
      const deaf =
        voting.length > 0 && voting.every(({ hears, votes }) => !hears.witness || votes.witness === 0);
      const command = `coordinator events --pair ${facts.spec.name} --since 1h`;
      // With one host away the votes are moved on purpose.
      return deaf && voting.length === 2 ? [finding(facts, null, { command })] : [];
    },
  },
  drill_overdue: {
    ...{ severity: 'warning', forMs: 90 * DAY, repeatMs: 14 * DAY },
    why: 'A take-over that was never tried is a hope. `for` is how old the last drill may be.',
    find: (facts) => {
      const { drilledAt, now, spec } = facts;
      if (drilledAt === null) return [];
      const count = Math.floor((now - drilledAt) / DAY);
      return [
        { ...finding(facts, null, { count, command: `coordinator drill ${spec.name}` }), since: drilledAt },
      ];
    },
  },
} as const satisfies Record<string, StateRule | EventRule>;
