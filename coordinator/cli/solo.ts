/** `coordinator solo`: the primary goes on alone until the order is taken back. */

import type { RegisterCommand } from './frame.ts';
import { isOn, linkOf, lookAt, ordered, primaryOf, withPair } from './guard-commands.ts';
import { parseLength } from './time-options.ts';

interface Flags {
  readonly for?: string;
  readonly reason?: string;
}

export const registerSolo: RegisterCommand = (program, cli) => {
  program
    .command('solo <on|off> [pair]')
    .summary('the primary goes on alone, and commits wait for nobody')
    .description(
      'on: it is recorded that the primary goes on alone; its commits no longer wait for the standby, and a loss of its host stops the pair. off: the standby is waited for again as soon as it has everything.',
    )
    .option('--for <time>', 'ends by itself after so long, e.g. 2h')
    .option('--reason <text>', 'why; shown in the status of the host')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator solo on orders --for 30m\n  coordinator solo off orders',
    )
    .action((word: string, name: string | undefined, flags: Flags) => {
      const own = cli();
      const on = isOn(word);
      const forMs = flags.for === undefined ? null : parseLength(flags.for, '--for');
      const reason = flags.reason ?? 'solo by an operator';
      return withPair(own, name, async (pair) => {
        const link = linkOf(pair, primaryOf(pair.pair, await lookAt(pair)));
        await ordered(own, link, on ? { kind: 'solo', reason, forMs } : { kind: 'off' });
      });
    });
};
