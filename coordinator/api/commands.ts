/** The commands that the daemon runs as jobs: the same functions as on the command line. A missing one does not compile. */

import type { CommandBody, CommandName } from '../../shared/api/jobs.ts';
import { deploy } from '../cli/deploy.ts';
import { drill } from '../cli/drill.ts';
import type { Cli } from '../cli/frame.ts';
import { withPair } from '../cli/guard-commands.ts';
import { maintain } from '../cli/maintenance.ts';
import { plan } from '../cli/plan.ts';
import { rejoin } from '../cli/rejoin.ts';
import { report } from '../cli/report.ts';
import { reseed } from '../cli/reseed.ts';
import { switchover } from '../cli/switchover.ts';
import { verify } from '../cli/verify.ts';

type Run<C extends CommandName> = (cli: Cli, pair: string, body: CommandBody<C>) => Promise<void>;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const COMMANDS: { readonly [C in CommandName]: Run<C> } = {
  plan: (cli, pair) => plan(cli, pair),
  deploy: (cli, pair, { dryRun = true }) => (dryRun ? plan(cli, pair) : deploy(cli, pair, { yes: true })),
  verify: (cli, pair) => verify(cli, pair),
  switchover: (cli, pair, { to }) =>
    withPair(cli, pair, (found) => switchover(cli, found, to === undefined ? {} : { to })),
  drill: (cli, pair) => drill(cli, pair, {}),
  maintenance: (cli, pair, { host, on, forMs = null, reason = 'maintenance' }) =>
    withPair(cli, pair, (found) => maintain(cli, found, { host, on, forMs, reason })),
  rejoin: (cli, pair, { host }) => withPair(cli, pair, (found) => rejoin(cli, found, host)),
  reseed: (cli, pair, { host, confirm }) =>
    reseed(cli, host, { pair, ...(confirm === undefined ? {} : { confirm }) }),
  report: (cli, pair, { dryRun = true, periodMs = DAY_MS }) =>
    report(cli, pair, { period: `${Math.ceil(periodMs / MINUTE_MS)}m`, format: 'text', send: !dryRun }),
};

/** Commands that change nothing, on the hosts or elsewhere. */
const READING: readonly CommandName[] = ['plan', 'verify'];

export function isDryRun<C extends CommandName>(command: C, body: CommandBody<C>): boolean {
  return READING.includes(command) || !('dryRun' in body) || body.dryRun !== false;
}

/** `body` fits the schema of the command. */
export function runJob<C extends CommandName>(
  command: C,
  cli: Cli,
  pair: string,
  body: CommandBody<C>,
): Promise<void> {
  return COMMANDS[command](cli, pair, body);
}
