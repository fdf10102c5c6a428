/** `coordinator maintenance`: the standby is left to the operator, and the primary goes on alone meanwhile. */

import type { Cli, RegisterCommand } from './frame.ts';
import {
  approveOrder,
  type GuardPair,
  isOn,
  linkOf,
  lookAt,
  ordered,
  primaryOf,
  withPairOf,
} from './guard-commands.ts';
import { parseLength } from './time-options.ts';

interface Flags {
  readonly for?: string;
  readonly reason?: string;
}

export const registerMaintenance: RegisterCommand = (program, cli) => {
  program
    .command('maintenance <on|off> <host>')
    .summary('leave the standby to the operator for a while')
    .description(
      'on: the primary records that it goes on alone, then the guard of the host leaves its server alone until off, or until the time is over. Refused (exit 3) on the primary: switch over first. While it lasts, a loss of the primary stops the pair.',
    )
    .option('--for <time>', 'ends by itself after so long, e.g. 2h')
    .option('--reason <text>', 'why; shown in the status of the host')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator maintenance on db2 --for 2h --reason "new disk"\n  coordinator maintenance off db2',
    )
    .action((word: string, host: string, flags: Flags) => {
      const own = cli();
      const on = isOn(word);
      const forMs = flags.for === undefined ? null : parseLength(flags.for, '--for');
      const reason = flags.reason ?? 'maintenance';
      return withPairOf(own, host, (pair) => maintain(own, pair, { host, on, forMs, reason }));
    });
};

interface Maintenance {
  readonly host: string;
  readonly on: boolean;
  readonly forMs: number | null;
  readonly reason: string;
}

/** Throws AppError REFUSED with the reason of the guard. */
export async function maintain(cli: Cli, pair: GuardPair, wish: Maintenance): Promise<void> {
  const { host, on, forMs, reason } = wish;
  const link = linkOf(pair, host);
  const primary = on && cli.approve !== undefined ? primaryOf(pair.pair, await lookAt(pair)) : null;
  const against = `${host} is the primary of ${pair.pair.name}: switch over first.`;
  const what = on ? `Leave ${host} to the operator now?` : `End the maintenance of ${host} now?`;
  approveOrder(cli, what, primary === host ? against : null);
  await ordered(cli, link, on ? { kind: 'maintenance', reason, forMs } : { kind: 'off' });
}
