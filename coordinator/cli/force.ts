/** `coordinator force`: a host becomes primary without a majority, and what the lost one alone has is given up. */

import { AppError } from '../../shared/errors/app-error.ts';
import { confirmName } from './confirm.ts';
import type { RegisterCommand } from './frame.ts';
import { linkOf, ordered, withPair } from './guard-commands.ts';

interface Flags {
  readonly primary?: string;
  readonly acceptDataLoss?: boolean;
  readonly confirm?: string;
}

export const registerForce: RegisterCommand = (program, cli) => {
  program
    .command('force [pair]')
    .summary('make a host primary although the other one is lost for good')
    .description(
      'For a pair whose primary is lost for good with commits that the other host may not have: that host becomes primary without a majority, and what the lost one alone had is given up. Refused (exit 3) while the other host is heard, or was a moment ago.',
    )
    .requiredOption('--primary <host>', 'the host that becomes primary')
    .option('--accept-data-loss', 'commits that only the lost host has are given up')
    .option('--confirm <pair>', "the pair's name, typed in here instead of at the question")
    .addHelpText('after', '\nExample:\n  coordinator force orders --primary db2 --accept-data-loss')
    .action((name: string | undefined, flags: Flags) => {
      const own = cli();
      return withPair(own, name, async (pair) => {
        const host = flags.primary ?? '';
        const link = linkOf(pair, host);
        if (flags.acceptDataLoss !== true)
          throw new AppError(
            'REFUSED',
            `${host} may lack commits that clients were told are done: say --accept-data-loss.`,
          );
        const question = `${host} becomes primary of ${pair.pair.name}; what the other host alone has is given up.`;
        await confirmName(own, question, pair.pair.name, flags.confirm);
        await ordered(own, link, { kind: 'force-primary', accepts: 'lost-commits' });
      });
    });
};
