/** `coordinator rejoin`: a host that needs repair is compared with the primary once more, and what came of it is told. */

import { AppError } from '../../shared/errors/app-error.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import {
  approveOrder,
  askGuard,
  type GuardPair,
  type HostView,
  linkOf,
  lookAt,
  withPairOf,
} from './guard-commands.ts';

const COMPARED_MS = 120_000;
const POLL_MS = 100;

export const registerRejoin: RegisterCommand = (program, cli) => {
  program
    .command('rejoin <host>')
    .summary('try a host that needs repair once more')
    .description(
      'For a host whose guard says NEEDS_REPAIR, after its cause was dealt with: the host is compared with the primary again, and follows it when it has nothing of its own. Refused (exit 3) where nothing needs repair, and where the host still has transactions that the primary does not have.',
    )
    .addHelpText('after', '\nExample:\n  coordinator rejoin db1')
    .action((host: string) => {
      const own = cli();
      return withPairOf(own, host, (pair) => rejoin(own, pair, host));
    });
};

/** Throws AppError REFUSED with the reason of the guard. */
export async function rejoin(cli: Cli, pair: GuardPair, host: string): Promise<void> {
  const { output } = cli;
  const link = linkOf(pair, host);
  const before = cli.approve === undefined ? [] : await lookAt(pair);
  const found = before.find(({ name }) => name === host)?.voting?.phase ?? null;
  const against = `${host} needs no repair: its guard says ${found ?? 'nothing'}.`;
  approveOrder(cli, `Compare ${host} with the primary once more?`, found === 'NEEDS_REPAIR' ? null : against);
  const answer = await askGuard(link, { kind: 'rejoin' });
  const after = await untilCompared(pair, host);
  const phase = after.own.voting?.phase ?? '';
  output.result({ host, command: 'rejoin', answer, phase });
  if (phase === 'NEEDS_REPAIR') throw refusal(after);
  output.line(`${output.style.green('✔')} ${host} follows the primary again.`);
}

interface Compared {
  readonly own: HostView;
  readonly other: HostView | undefined;
}

/** Waits until the host follows, or needs repair again; its guard has begun anew when it answered. */
async function untilCompared(pair: GuardPair, host: string): Promise<Compared> {
  return await waitFor(
    `${host} to be compared with the primary`,
    async () => {
      pair.cli.signal.throwIfAborted();
      const views = await lookAt(pair);
      const own = views.find(({ name }) => name === host);
      const other = views.find(({ name }) => name !== host);
      const over = /^(STANDBY|NEEDS_REPAIR|PRIMARY)/.test(own?.voting?.phase ?? '');
      return own !== undefined && over ? { own, other } : undefined;
    },
    { deadlineMs: COMPARED_MS, intervalMs: POLL_MS },
  );
}

function refusal({ own, other }: Compared): AppError {
  const here = own.heartbeat?.database.gtidBinlogPos ?? 'unknown';
  const there = other?.heartbeat?.database.gtidBinlogPos ?? 'unknown';
  const { name, guard } = own;
  return new AppError(
    'REFUSED',
    `${name} was compared and needs repair still: ${guard?.reason ?? ''} Its log ends at ${here}, that of ${other?.name ?? 'the primary'} at ${there}. coordinator reseed ${name} saves what only ${name} has, and replaces its data.`,
    { data: { host: name, reason: guard?.reason ?? null, position: here, primaryPosition: there } },
  );
}
