/** `coordinator logs`: the journals of the hosts, merged by time. */

import { AppError, fromSerialized, toAppError } from '../../shared/errors/app-error.ts';
import type { LogLine } from '../../shared/model/action-facts.ts';
import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { closeFleet, reachAgents } from '../agents/fleet.ts';
import type { AgentLink } from '../agents/link.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { type HostLogLine, logLine, mergeLines } from './log-lines.ts';
import { parseCount, parseSince } from './time-options.ts';

interface LogsOptions {
  readonly lines: string;
  readonly since?: string;
  readonly follow?: boolean;
}

const UNITS = ['mariadb.service', 'keepalived.service', 'hotpair-agent.service', 'hotpair-guard.service'];
const MOST_LINES = 10_000;
const READ_MS = 30_000;
/** A followed log has no deadline of its own; this is as long as a timer can be. */
const FOLLOW_MS = 20 * 86_400_000;
const SORT_MS = 400;

export const registerLogs: RegisterCommand = (program, cli) => {
  program
    .command('logs [host|pair]')
    .summary("the hosts' logs, merged by time")
    .description(
      'Prints the journals of mariadb, keepalived, hotpair-agent and hotpair-guard of a pair, of one host, or of all hosts, merged by time. With --json it is one document { "lines": [...] }; with --json --follow one line of JSON a line, as it comes.',
    )
    .option('-n, --lines <n>', 'the newest so many of each host', '50')
    .option('--since <when>', 'only lines since then: 1h, or 2026-01-31T08:00')
    .option('-f, --follow', 'go on printing lines as they come, until Ctrl-C')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator logs db1 --since 10m\n  coordinator logs orders --follow',
    )
    .action((name: string | undefined, options: LogsOptions) => showLogs(cli(), name, options));
};

async function showLogs(cli: Cli, name: string | undefined, options: LogsOptions): Promise<void> {
  const lines = parseCount(options.lines, '--lines', MOST_LINES);
  const since = options.since === undefined ? undefined : parseSince(options.since, '--since', Date.now());
  const spec = await cli.loadSpec();
  const links = await reach(cli, spec, name);
  const hosts = links.map((link) => link.host.name);
  const show = (line: HostLogLine): void => cli.output.line(logLine(line, hosts, cli.output.style), 2);
  try {
    if (options.follow === true) {
      await follow(cli, links, lines, (line) => {
        if (since !== undefined && line.time < since) return;
        show(line);
        cli.output.record(line);
      });
      return;
    }
    const merged = mergeLines(await Promise.all(links.map((link) => read(cli, link, lines, since))));
    for (const line of merged) show(line);
    if (merged.length === 0) cli.output.line('No log lines.');
    cli.output.result({ lines: merged });
  } finally {
    closeFleet(links);
  }
}

/** The agents of the pair or host of that name; one that does not answer is said, and is an error when it is the only one. */
async function reach(cli: Cli, spec: HotpairSpec, name: string | undefined): Promise<AgentLink[]> {
  const wanted = hostsOf(spec, name);
  const reached = (
    await Promise.all(wanted.pairs.map((pair) => reachAgents(spec, pair, { signal: cli.signal })))
  ).flat();
  const mine = reached.filter(({ host }) => wanted.host === null || host.name === wanted.host);
  closeFleet(reached.flatMap((one) => (one.link !== undefined && !mine.includes(one) ? [one.link] : [])));
  const links = mine.flatMap(({ link }) => (link === undefined ? [] : [link]));
  const [failed] = mine.flatMap(({ error }) => (error === undefined ? [] : [error]));
  if (links.length === 0 && failed !== undefined) throw failed;
  for (const { error } of mine) if (error !== undefined) cli.output.warn(`warning: ${error.message}`);
  return links;
}

function hostsOf(
  spec: HotpairSpec,
  name: string | undefined,
): { pairs: readonly PairSpec[]; host: string | null } {
  if (name === undefined) return { pairs: spec.pairs, host: null };
  const pair = spec.pairs.find((one) => one.name === name);
  if (pair !== undefined) return { pairs: [pair], host: null };
  const owners = spec.pairs.filter((one) => one.hosts.some((host) => host.name === name));
  if (owners.length > 0) return { pairs: owners, host: name };
  const names = spec.pairs.flatMap((one) => [one.name, ...one.hosts.map((host) => host.name)]).join(', ');
  throw new AppError('NOT_FOUND', `There is no pair or host ${name}; there are: ${names}.`);
}

async function read(
  cli: Cli,
  link: AgentLink,
  lines: number,
  since: number | undefined,
): Promise<HostLogLine[]> {
  const limits = since === undefined ? {} : { since };
  const options = { deadlineMs: READ_MS, signal: cli.signal };
  const result = await link.action('log-read', 'plan', { units: UNITS, lines, ...limits }, options);
  if (result.error !== undefined) throw fromSerialized(result.error);
  const facts = result.facts as { readonly lines: readonly LogLine[] };
  return facts.lines.map(({ time, source, priority, message }) => ({
    ...{ host: link.host.name, time: time ?? 0, unit: source, priority: priority ?? 6, message },
  }));
}

/** Ends with Ctrl-C, which is the ordinary end here, or when the last agent has gone away. */
async function follow(
  cli: Cli,
  links: readonly AgentLink[],
  lines: number,
  onLine: (line: HostLogLine) => void,
): Promise<void> {
  const buffer = sortingBuffer(onLine);
  const one = async (link: AgentLink): Promise<void> => {
    link.on('log', (record) => buffer.push({ host: link.host.name, ...record }));
    try {
      await link.call('log.follow', { units: UNITS, lines }, { deadlineMs: FOLLOW_MS, signal: cli.signal });
    } catch (error) {
      if (!cli.signal.aborted) cli.output.warn(`warning: ${link.host.name}: ${toAppError(error).message}`);
    }
  };
  await Promise.all(links.map(one));
  buffer.end();
}

/** Lines of two hosts come in turns; what comes within a moment is put in order before it is shown. */
function sortingBuffer(onLine: (line: HostLogLine) => void) {
  let held: HostLogLine[] = [];
  const flush = (): void => {
    for (const line of mergeLines([held])) onLine(line);
    held = [];
  };
  const timer = setInterval(flush, SORT_MS);
  return {
    push: (line: HostLogLine): void => {
      held.push(line);
    },
    end: (): void => {
      clearInterval(timer);
      flush();
    },
  };
}
