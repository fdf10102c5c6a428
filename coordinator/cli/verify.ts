/** `coordinator verify`: the checks of a pair from end to end; exit code 1 when one of them fails. */

import { AppError } from '../../shared/errors/app-error.ts';
import { MARIADB } from '../../shared/flavor/mariadb.ts';
import { closeFleet, openFleet } from '../agents/fleet.ts';
import { loadOrCreatePki } from '../agents/pki.ts';
import { readPairFacts } from '../choreography/facts.ts';
import { allOk } from '../choreography/verdicts.ts';
import { verifyPair } from '../choreography/verify.ts';
import { loadSecrets } from '../secrets.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { verdictRows } from './verdict-rows.ts';

export const registerVerify: RegisterCommand = (program, cli) => {
  program
    .command('verify [pair]')
    .summary('check a pair from end to end')
    .description(
      'Writes a row on each host and waits for it on the other, looks for the VIP on exactly one host, writes through the VIP as a client, and checks that the server is writable there only. Exits with 1 when a check fails.',
    )
    .addHelpText('after', '\nExamples:\n  coordinator verify\n  coordinator verify orders --json')
    .action((name: string | undefined) => verify(cli(), name));
};

export async function verify(cli: Cli, name: string | undefined): Promise<void> {
  const { output, signal } = cli;
  const spec = await cli.loadSpec();
  const pair = cli.pair(spec, name);
  const secrets = await loadSecrets(spec.coordinator.data, pair);
  const { ca } = await loadOrCreatePki(spec.coordinator.data);
  const ports = await openFleet(spec, pair, { signal });
  try {
    const facts = await readPairFacts(ports, pair, MARIADB);
    const verdicts = await verifyPair({ ports, facts, secrets, ca, rows: true });
    output.table(verdictRows(verdicts, output.style));
    output.result({ pair: pair.name, ok: allOk(verdicts), verdicts });
    const failed = verdicts.filter(({ ok }) => !ok);
    if (failed.length > 0)
      throw new AppError(
        'VERIFY_FAILED',
        `${failed.length} of ${verdicts.length} checks of ${pair.name} failed.`,
      );
  } finally {
    closeFleet(ports);
  }
}
