/** `coordinator status`: who is primary, where the VIP is, replication, guards and services; one screen a pair. */

import { setTimeout as delay } from 'node:timers/promises';
import type { PairSpec } from '../../shared/model/pair-spec.ts';
import { reachAgents } from '../agents/fleet.ts';
import { type PairStatus, readStatusOnce } from '../choreography/status.ts';
import { statusHeading, statusNotes, statusRows } from '../choreography/status-screen.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { alignColumns, type Output } from './output.ts';

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
  const read = (pair: PairSpec): Promise<PairStatus> =>
    readStatusOnce(spec, pair, () => reachAgents(spec, pair, { signal: cli.signal, connectMs: CONNECT_MS }));
  if (watch !== true) {
    const found = await Promise.all(pairs.map(read));
    for (const line of screenOf(found, cli.output)) cli.output.line(line);
    cli.output.result({ pairs: found });
    return;
  }
  while (!cli.signal.aborted) {
    const found = await Promise.all(pairs.map(read));
    show(cli.output, found);
    await delay(WATCH_MS, undefined, { signal: cli.signal }).catch(() => undefined);
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
  process.stdout.write(`\x1b[H\x1b[2J${[...lines, output.style.dim(`${time}  Ctrl-C ends`)].join('\n')}\n`);
}

function screenOf(found: readonly PairStatus[], { style }: Output): readonly string[] {
  return found.flatMap((status) => [
    statusHeading(status, style),
    '',
    ...alignColumns(statusRows(status, style)).map((line) => `  ${line}`),
    '',
    ...statusNotes(status, style).map((line) => `  ${line}`),
    '',
  ]);
}
