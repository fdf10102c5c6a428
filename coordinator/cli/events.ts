/** `coordinator events`: the history, from the store; works beside the daemon and without it. */

import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { EXPLAIN_MS, explain } from '../explain/explain.ts';
import type { EventQuery, StoredEvent } from '../store/event-log.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { eventLine, glanceLine, pauseWords } from './event-line.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import type { Output } from './output.ts';
import { parseCount, parseSince } from './time-options.ts';
import { widthOf } from './wrap-words.ts';

interface EventsOptions {
  readonly pair?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly follow?: boolean;
  readonly explain?: string;
}

const DEFAULT_LIMIT = 50;
const MOST = 100_000;
const MOST_ID = 999_999;
const HANGING = 4;
const POLL_MS = 500;

export const registerEvents: RegisterCommand = (program, cli) => {
  program
    .command('events')
    .summary('what happened: failovers, roles, replication, deploys, reports')
    .description(
      `Prints the events that the daemon and the commands recorded, oldest first: the newest ${DEFAULT_LIMIT}, or all since the given time. With --json it is one document { "events": [...] }; with --json --follow one event a line, as it comes.`,
    )
    .option('--pair <name>', 'only events of this pair')
    .option('--since <when>', 'only events since then: 1h, 7d, or 2026-01-31T08:00')
    .option('--limit <n>', 'the newest so many')
    .option(
      '--explain <id>',
      'what the guards decided around the event with this number, why, who voted, and where the time went',
    )
    .option('-f, --follow', 'go on printing events as they come, until Ctrl-C')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator events --since 24h\n  coordinator events --explain 12\n  coordinator events --pair orders --follow',
    )
    .action((options: EventsOptions) => showEvents(cli(), options));
};

async function showEvents(cli: Cli, options: EventsOptions): Promise<void> {
  const spec = await cli.loadSpec();
  const pair = options.pair === undefined ? undefined : cli.pair(spec, options.pair).name;
  const store = openStore(spec.coordinator.data, (sentence) => cli.output.warn(`warning: ${sentence}`));
  try {
    if (options.explain !== undefined) {
      showExplanation(cli, spec, store, options.explain);
      return;
    }
    const query = queryOf(options, pair);
    const events = store.events.list(query);
    const withPair = pair === undefined && spec.pairs.length > 1;
    const show = (event: StoredEvent): void => {
      const line = eventLine(event, withPair, cli.output.style);
      cli.output.line(line, widthOf(line) - widthOf(event.message));
    };
    if (options.follow !== true) {
      for (const event of events) show(event);
      if (events.length === 0) cli.output.line('No events.');
      cli.output.result({ events });
      return;
    }
    const told = cli.output.mode === 'terminal' ? glances(cli.output, withPair) : show;
    const onEvent = (event: StoredEvent): void => {
      told(event);
      cli.output.record(event);
    };
    for (const event of events) onEvent(event);
    await follow(
      cli,
      (sinceId) => store.events.list({ ...pairQuery(pair), sinceId }),
      events.at(-1)?.id,
      onEvent,
    );
  } finally {
    store.close();
  }
}

/** What belongs together stands together: a quiet time between two events is told. */
function glances(output: Output, withPair: boolean): (event: StoredEvent) => void {
  let before: number | null = null;
  return (event) => {
    const pause = pauseWords(before, event.time);
    before = event.time;
    if (pause !== null) output.line(output.style.dim(pause));
    const line = glanceLine(event, withPair, output.style);
    output.line(line, widthOf(line) - widthOf(event.message));
  };
}

/** Throws AppError NOT_FOUND, USAGE. */
function showExplanation(cli: Cli, spec: HotpairSpec, store: Store, id: string): void {
  const event = store.events.get(parseCount(id.replace(/^#/, ''), '--explain', MOST_ID));
  if (event === null)
    throw new AppError('NOT_FOUND', `There is no event ${id}: coordinator events shows their numbers.`);
  const pair = spec.pairs.find(({ name }) => name === event.pair);
  const [first, last] = [event.time - EXPLAIN_MS.before, event.time + EXPLAIN_MS.after];
  const nearby = store.events.list({ pair: event.pair, sinceTime: first, limit: MOST });
  const explanation = explain({
    event,
    events: nearby.filter(({ time }) => time <= last),
    decisions: store.decisions.between(event.pair, first, last),
    hosts: pair === undefined ? ['A', 'B'] : [pair.hosts[0].name, pair.hosts[1].name],
  });
  for (const line of explanation.lines) cli.output.line(line, HANGING);
  cli.output.result({ event, ...explanation });
}

const pairQuery = (pair: string | undefined): EventQuery => (pair === undefined ? {} : { pair });

function queryOf(options: EventsOptions, pair: string | undefined): EventQuery {
  const sinceTime =
    options.since === undefined ? undefined : parseSince(options.since, '--since', Date.now());
  const limit = options.limit === undefined ? undefined : parseCount(options.limit, '--limit', MOST);
  return {
    ...pairQuery(pair),
    ...(sinceTime === undefined ? {} : { sinceTime }),
    limit: limit ?? (sinceTime === undefined ? DEFAULT_LIMIT : MOST),
  };
}

/** Ends with Ctrl-C, which is the ordinary end here and no failure. */
async function follow(
  cli: Cli,
  newer: (sinceId: number) => StoredEvent[],
  lastId: number | undefined,
  onEvent: (event: StoredEvent) => void,
): Promise<void> {
  let last = lastId ?? newer(0).at(-1)?.id ?? 0;
  while (!cli.signal.aborted) {
    await delay(POLL_MS, undefined, { signal: cli.signal }).catch(() => undefined);
    for (const event of newer(last)) {
      onEvent(event);
      last = event.id;
    }
  }
}
