/** `coordinator rejoin`: a host that needs repair is compared with the primary once more. */

import type { RegisterCommand } from './frame.ts';
import { ordered, withPairOf } from './guard-commands.ts';

export const registerRejoin: RegisterCommand = (program, cli) => {
  program
    .command('rejoin <host>')
    .summary('try a host that needs repair once more')
    .description(
      'For a host whose guard says NEEDS_REPAIR, after its cause was dealt with: the host is compared with the primary again, and follows it when it has nothing of its own. Refused (exit 3) where nothing needs repair.',
    )
    .addHelpText('after', '\nExample:\n  coordinator rejoin db1')
    .action((host: string) => {
      const own = cli();
      return withPairOf(own, host, (_pair, link) => ordered(own, link, { kind: 'rejoin' }));
    });
};
