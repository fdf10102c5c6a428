/** `coordinator fence`: the primary stops serving at once, and stays away until the order is taken back. */

import { confirm } from './confirm.ts';
import type { RegisterCommand } from './frame.ts';
import { isOn, ordered, withPairOf } from './guard-commands.ts';

interface Flags {
  readonly reason?: string;
  readonly yes?: boolean;
}

export const registerFence: RegisterCommand = (program, cli) => {
  program
    .command('fence <on|off> <host>')
    .summary('stop a primary that is not to be trusted, as after a fault')
    .description(
      'on: the host that serves is closed to clients and its server killed, at once; the standby takes over if it has every commit. The host takes no part until off. For a planned change use switchover.',
    )
    .option('--reason <text>', 'why; shown in the status of the host')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator fence on db1 --reason "disk errors"\n  coordinator fence off db1',
    )
    .action((word: string, host: string, flags: Flags) => {
      const own = cli();
      const on = isOn(word);
      const reason = flags.reason ?? 'fenced by an operator';
      return withPairOf(own, host, async (_pair, link) => {
        if (on) await confirm(own, `Close ${host} to its clients and kill its server now?`, flags.yes);
        await ordered(own, link, on ? { kind: 'fence', reason, forMs: null } : { kind: 'off' });
      });
    });
};
