/** `coordinator status`: who is primary, where the VIP is, replication, guards and services; one screen a pair. */

import { setTimeout as delay } from 'node:timers/promises';
import { reachAgents } from '../agents/fleet.ts';
import { createStatusReader, type PairStatus, type StatusReader } from '../choreography/status.ts';
import { statusHeading, statusNotes, statusRows } from '../choreography/status-screen.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { alignColumns, type Output } from './output.ts';
import { wrapWords } from './wrap-words.ts';

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
      'Shows who is primary, where the VIP is, replication, lag, guards and services of every pair.',
    )
    .option('--watch', 'show it anew every second until Ctrl-C')
    .addHelpText('after', '\nExamples:\n  coordinator status\n  coordinator status orders --watch')
    .action((name: string | undefined, flags: Flags) => status(cli(), name, flags));
};

async function status(cli: Cli, name: string | undefined, { watch }: Flags): Promise<void> {
  const spec = await cli.loadSpec();
  const pairs = name === undefined ? spec.pairs : [cli.pair(spec, name)];
  const options = { signal: cli.signal, connectMs: watch === true ? WATCH_MS : CONNECT_MS };
  const readers = pairs.map((pair) => createStatusReader(pair, () => reachAgents(spec, pair, options)));
  try {
    if (watch === true) await follow(cli, readers);
    else await printOnce(cli.output, readers);
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
    show(output, found);
    await delay(WATCH_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** On a terminal the screen is drawn over the last one; elsewhere it follows it. */
function show(output: Output, found: readonly PairStatus[]): void {
  const lines = screenOf(found, output);
  output.record({ time: Date.now(), pairs: found });
  if (output.mode !== 'terminal') {
    for (const line of lines) output.line(line);
    return;
  }
  const time = new Date().toTimeString().slice(0, 8);
  const wrapped = lines.flatMap((line) => wrapWords(line, process.stdout.columns || 80, 2).split('\n'));
  const screen = [...wrapped, output.style.dim(`${time}  Ctrl-C ends`)].map((line) => `${line}\x1b[K\n`);
  process.stdout.write(`\x1b[H${screen.join('')}\x1b[J`); // line by line over the old ones: nothing flickers
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
