/** `coordinator store backup`: a copy of the history while the daemon writes it. */

import { resolve } from 'node:path';
import { bytes } from '../report/units.ts';
import { backUpStore } from '../store/backup.ts';
import { audited } from './audited.ts';
import type { Cli, RegisterCommand } from './frame.ts';

export const registerStoreBackup: RegisterCommand = (program, cli) => {
  program
    .command('store')
    .summary('the history: copy it')
    .command('backup <file>')
    .summary('copy the history, beside the daemon or without it')
    .description(
      'Writes a whole and checked copy of the store (events, decisions, outages, measurements, runs, jobs, alerts, tokens, audit trail) to a new file of mode 0600, as it is at one moment. The daemon goes on meanwhile. Refused (exit 3) where the file exists.',
    )
    .addHelpText('after', '\nExample:\n  coordinator store backup /var/backups/hotpair-$(date +%F).db')
    .action((file: string) => backUp(cli(), resolve(file)));
};

async function backUp(cli: Cli, file: string): Promise<void> {
  const { output } = cli;
  const spec = await cli.loadSpec();
  const done = await audited(
    cli,
    spec,
    file,
    async () => backUpStore(spec.coordinator.data, file),
    'store backup',
  );
  output.line(`${output.style.green('✔')} The store is copied to ${done.file} (${bytes(done.bytes)}).`);
  output.result({ ...done });
}
