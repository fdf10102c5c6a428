/** `coordinator status`: who is primary, where the VIP is, replication, guards and services; one screen a pair. */

import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import { reachAgents } from '../agents/fleet.ts';
import { createStatusReader, type PairStatus, type StatusReader } from '../choreography/status.ts';
import { statusHeading, statusNotes, statusRows } from '../choreography/status-screen.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { alignColumns, type Output } from './output.ts';
import { watchPairs } from './status-watch.ts';

interface Flags {
  readonly watch?: boolean;
}

const WATCH_MS = 1000;
const CONNECT_MS = 3000;

export const registerStatus: RegisterCommand = (program, cli) => {
  program
    .command('status [pair]')
    .summary('who is primary, VIP, replication, guards')
    .description(
      'Shows who is primary, where the VIP is, replication, lag, guards and services of every pair. With --watch it is a screen to leave open: the pairs, the worst first, and what happened last; q or Ctrl-C ends it. With --watch --json one document a second, each on a line.',
    )
    .option('--watch', 'a live screen; needs a terminal, or --json')
    .addHelpText('after', '\nExamples:\n  coordinator status\n  coordinator status orders --watch')
    .action((name: string | undefined, flags: Flags) => status(cli(), name, flags));
};

async function status(cli: Cli, name: string | undefined, { watch }: Flags): Promise<void> {
  const { output, signal } = cli;
  if (watch === true && output.mode === 'plain')
    throw new AppError(
      'USAGE',
      'status --watch draws on a terminal. In a pipe: status --watch --json, or events --follow.',
    );
  const spec = await cli.loadSpec();
  const pairs = name === undefined ? spec.pairs : [cli.pair(spec, name)];
  if (watch === true && output.mode === 'terminal') return watchPairs(cli, spec, pairs);
  const options = { signal, connectMs: watch === true ? WATCH_MS : CONNECT_MS };
  const readers = pairs.map((pair) => createStatusReader(pair, () => reachAgents(spec, pair, options)));
  try {
    if (watch === true) await follow(cli, readers);
    else await printOnce(output, readers);
  } finally {
    for (const reader of readers) reader.close();
  }
}

async function printOnce(output: Output, readers: readonly StatusReader[]): Promise<void> {
  const found = await Promise.all(readers.map((reader) => reader.read()));
  for (const line of screenOf(found, output)) output.line(line);
  output.result({ pairs: found });
}

async function follow({ output, signal }: Cli, readers: readonly StatusReader[]): Promise<void> {
  while (!signal.aborted) {
    const found = await Promise.all(readers.map((reader) => reader.read()));
    if (signal.aborted) return;
    output.record({ time: Date.now(), pairs: found });
    await delay(WATCH_MS, undefined, { signal }).catch(() => undefined);
  }
}

function screenOf(found: readonly PairStatus[], { style }: Output): readonly string[] {
  return found.flatMap((status) => {
    const rows = alignColumns(statusRows(status, style));
    return [statusHeading(status, style), rows, statusNotes(status, style)].flatMap((part) =>
      typeof part === 'string'
        ? [part, '']
        : part.length === 0
          ? []
          : [...part.map((line) => `  ${line}`), ''],
    );
  });
}
