/** What else must be so, as functions of what was seen: each answers what is wrong, in words. Pure. */

import { type Observed, twoHoldersMs, votingOf } from './observed.ts';

export type Check = (observed: Observed) => string[];

/** Nobody is acknowledged by the old primary later than so long after the fault, while it lasts. */
export const silentAfter =
  (ms: number): Check =>
  ({ acks, a, injectedAt, relentAt }) => {
    const last = acks.findLast(({ server, at }) => server === a.serverId && at <= relentAt);
    const late = last === undefined ? 0 : last.at - injectedAt;
    return late > ms ? [`${a.name} acknowledged ${Math.round(late)} ms after the fault`] : [];
  };

/** Once it is back to life, the old primary acknowledges nothing that it was asked for after the fault. */
export const noAckAfterReturn: Check = ({ acks, a, struckAt, relentAt, wholeAt }) => {
  const late = acks.filter(
    ({ server, from, at }) =>
      server === a.serverId && from > struckAt && at > relentAt && at < (wholeAt ?? Number.POSITIVE_INFINITY),
  );
  return late.length === 0 ? [] : [`${a.name} acknowledged ${late.length} rows after it came back`];
};

/** The guards' record went to SOLO of the primary while the fault lasted. */
export const recordsSolo: Check = (observed) => {
  const { a, struckAt, relentAt } = observed;
  const modes = votingOf(observed, a.name, struckAt, relentAt).map(({ mode }) => mode);
  return modes.includes('solo') ? [] : [`${a.name} did not record that it is alone`];
};

/** Synchronous again so soon after everything is healed. */
export const syncWithin =
  (ms: number): Check =>
  (observed) => {
    const { a, restoredAt } = observed;
    const said = votingOf(observed, a.name, restoredAt, restoredAt + ms);
    return said.at(-1)?.mode === 'sync' ? [] : [`${a.name} was not synchronous ${ms} ms after the heal`];
  };

/** The other two voters gave the witness's vote away. */
export const reassignsVotes: Check = (observed) => {
  const { a, struckAt, relentAt } = observed;
  const said = votingOf(observed, a.name, struckAt, relentAt);
  return said.some(({ votes: { witness } }) => witness === 0) ? [] : ['the votes were not reassigned'];
};

/** Two hosts show the VIP at most so long. */
export const twoHoldersAtMost =
  (ms: number): Check =>
  (observed) => {
    const both = twoHoldersMs(observed);
    return both > ms ? [`two hosts showed the VIP for ${Math.round(both)} ms`] : [];
  };

/** No host takes the VIP. */
export const noVipFlap: Check = ({ vip, struckAt, relentAt }) => {
  const taken = vip.filter(({ from }) => from > struckAt && from <= relentAt);
  return taken.map(({ host }) => `${host} took the VIP`);
};

/** No node answers as writable, from so long after the fault until it ends. */
export const nobodyWritableAfter =
  (ms: number): Check =>
  ({ samples, injectedAt, relentAt }) => {
    const found = samples.filter(
      ({ readOnly, from, at }) => readOnly === false && from > injectedAt + ms && at < relentAt,
    );
    const names = [...new Set(found.map(({ node }) => node))];
    return names.map((name) => `${name} answered as writable later than ${ms} ms after the fault`);
  };

/** The primary's guard, and its host's, tell why nothing goes on: with the words in them. */
export const saysWhy =
  (who: 'a' | 'b', words: RegExp): Check =>
  (observed) => {
    const { struckAt, endAt, statuses } = observed;
    const { name } = observed[who];
    const reasons = statuses
      .filter(({ host, at }) => host === name && at > struckAt && at < endAt)
      .map(({ status }) => status.reason);
    return reasons.some((reason) => words.test(reason))
      ? []
      : [`${name} did not say ${words.source}, but: ${reasons.at(-1) ?? 'nothing'}`];
  };

/** A client that connects again and repeats what it did gets on with these: its session ended, or the server is read-only. */
const retryable = new Set([
  ...['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE'],
  ...['ER_CONNECTION_KILLED', 'ER_QUERY_INTERRUPTED', 'ER_SERVER_SHUTDOWN', 'ER_OPTION_PREVENTS_STATEMENT'],
]);
/** There was no connection, for whatever reason but the server's own words. */
const notConnected = /^connect: (?!ER_)/;

/** Clients are told nothing but to try again: no statement of theirs fails for good, and none waits for its time-out. */
export const onlyRetryable: Check = ({ refusals, struckAt, endAt }) => {
  const told = refusals.filter(({ at }) => at > struckAt && at < endAt).map(({ error }) => error);
  const others = told.filter((error) => !retryable.has(error) && !notConnected.test(error));
  return [...new Set(others)].map((error) => `a writer was told ${error}`);
};
