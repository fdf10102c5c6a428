/** `coordinator switchover`: the standby takes over with nothing left behind; or everything stays as it is. */

import { AppError } from '../../shared/errors/app-error.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import { claimPair } from '../agents/fleet.ts';
import { switchoverChecks } from '../choreography/switchover-checks.ts';
import { milliseconds } from '../report/units.ts';
import { confirm } from './confirm.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import {
  askGuard,
  type GuardPair,
  type HostView,
  linkOf,
  lookAt,
  primaryOf,
  withPair,
} from './guard-commands.ts';

interface Flags {
  readonly to?: string;
  readonly yes?: boolean;
}

interface Roles {
  readonly from: string;
  readonly to: string;
}

const POLL_MS = 50;
const SERVES_MS = 20_000;
/** The guard itself gives up before, and says so. */
const BEGUN_MS = 5000;
const FOLLOWS_MS = 60_000;

export const registerSwitchover: RegisterCommand = (program, cli) => {
  program
    .command('switchover [pair]')
    .summary('the standby takes over, planned, with nothing left behind')
    .description(
      'The primary waits until the standby keeps up, takes nothing new, waits until it has applied the rest, and hands over; clients connect anew and are interrupted for some hundred milliseconds. A standby that does not keep up within 2.5 s is left alone, and what cannot be done within half a second is given up: the primary is writable again (exit 1). Refused (exit 3) with the reason of the guard while the standby could not take over.',
    )
    .option('--to <host>', 'the host that is to be the primary; refused when it already is')
    .option('--yes', 'do not ask')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator switchover orders\n  coordinator switchover orders --to db2 --yes --json',
    )
    .action((name: string | undefined, flags: Flags) => {
      const own = cli();
      return withPair(own, name, (pair) => switchover(own, pair, flags));
    });
};

export async function switchover(cli: Cli, pair: GuardPair, { to, yes }: Flags): Promise<void> {
  if (to !== undefined) linkOf(pair, to);
  const views = await lookAt(pair);
  const roles = rolesOf(pair, views, to);
  const { from } = roles;
  if (cli.approve !== undefined) assertReady(cli, pair, views, roles);
  await confirm(cli, `Make ${roles.to} the primary of ${pair.pair.name} in place of ${from} now?`, yes);
  const links = [linkOf(pair, pair.pair.hosts[0].name), linkOf(pair, pair.pair.hosts[1].name)] as const;
  const release = await claimPair(links, pair.pair, 'coordinator switchover');
  try {
    await perform(cli, pair, roles);
  } finally {
    await release();
  }
}

/** For who decides from afar: told before, and refused here already. Throws AppError REFUSED. */
function assertReady(cli: Cli, { pair }: GuardPair, views: readonly HostView[], roles: Roles): void {
  const checks = switchoverChecks(viewOf(views, roles.from), viewOf(views, roles.to));
  cli.output.result({ pair: pair.name, ...roles, checks });
  const failed = checks
    .filter(({ ok }) => !ok)
    .map(({ subject, detail }) => `not so: ${subject} (${detail})`);
  if (failed.length > 0)
    throw new AppError('REFUSED', `${pair.name} is not ready for a switchover: ${failed.join('; ')}.`, {
      data: { checks },
    });
}

/** Throws AppError REFUSED when there is nothing to do. */
function rolesOf({ pair }: GuardPair, views: readonly HostView[], to: string | undefined): Roles {
  const from = primaryOf(pair, views);
  if (from === to)
    throw new AppError(
      'REFUSED',
      `${to} is the primary of ${pair.name} already: there is nothing to switch.`,
    );
  const other = pair.hosts.find(({ name }) => name !== from);
  return { from, to: to ?? other?.name ?? '' };
}

async function perform(cli: Cli, pair: GuardPair, roles: Roles): Promise<void> {
  const { output } = cli;
  const started = performance.now();
  const phases: Record<string, number> = {};
  const passed = (phase: string): number => {
    phases[phase] = Math.round(performance.now() - started);
    return phases[phase];
  };
  const progress = output.progress();
  const step = async (id: string, title: string, work: () => Promise<string>): Promise<void> => {
    const task = progress.task(id, title);
    try {
      const detail = await work();
      passed(id);
      task.done('ok', detail);
    } catch (error) {
      task.fail(error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
  const document = { pair: pair.pair.name, ...roles, phasesMs: phases };
  output.result({ ...document, ok: false });
  try {
    await step('accepted', `${roles.from} is asked to hand over`, () =>
      askGuard(linkOf(pair, roles.from), { kind: 'switchover' }),
    );
    let promotion: Readonly<Record<string, number>> | null = null;
    await step('serves', `${roles.to} takes over and has the VIP`, async () => {
      promotion = await untilServing(cli, pair, roles, started);
      return '';
    });
    await step('follows', `${roles.from} is its standby`, () => untilFollowing(cli, pair, roles));
    await step('sync', 'Commits wait for the standby again', () => untilSync(cli, pair, roles));
    output.result({ ...document, ok: true, promotionMs: promotion });
  } finally {
    progress.end();
  }
  output.line();
  const serves = milliseconds(phases['serves'] ?? 0);
  output.line(
    `${output.style.green('✔')} ${roles.to} is the primary now, seen serving ${serves} after the command; ${roles.from} follows.`,
  );
}

function viewOf(views: readonly HostView[], name: string): HostView {
  return views.find((view) => view.name === name) ?? { name, heartbeat: null, guard: null, voting: null };
}

const isServing = ({ guard, voting }: HostView): boolean =>
  guard?.role === 'primary' && guard.hasVip && /^PRIMARY/.test(voting?.phase ?? '');

/** Throws AppError SWITCHOVER_FAILED when the old primary goes on, or nobody serves in time. */
async function untilServing(
  cli: Cli,
  pair: GuardPair,
  { from, to }: Roles,
  started: number,
): Promise<Readonly<Record<string, number>> | null> {
  let last: readonly HostView[] = [];
  try {
    return await waitFor(
      `${to} to serve`,
      async () => {
        last = await lookAt(pair);
        const next = viewOf(last, to);
        if (isServing(next)) return next.guard?.lastPromotion ?? null;
        const old = viewOf(last, from);
        const late = performance.now() - started > BEGUN_MS;
        if (isServing(old) && (old.voting?.note != null || late)) throw givenUp(old);
        return undefined;
      },
      { deadlineMs: SERVES_MS, intervalMs: POLL_MS, signal: cli.signal },
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'DEADLINE_EXCEEDED') throw error;
    throw failed(`${to} does not serve after ${milliseconds(SERVES_MS)}`, last);
  }
}

function givenUp({ name, voting, heartbeat }: HostView): AppError {
  const why = voting?.note ?? 'It did not begin in time.';
  const writable = heartbeat?.database.readOnly === false ? 'is writable again' : 'is the primary again';
  return new AppError(
    'SWITCHOVER_FAILED',
    `The switchover was given up: ${why} ${name} goes on as the primary and ${writable}.`,
    { data: { primary: name, note: why } },
  );
}

function failed(what: string, views: readonly HostView[]): AppError {
  const words = views.map(({ name, guard }) => `${name}: ${guard?.reason ?? 'its guard does not answer'}`);
  return new AppError('SWITCHOVER_FAILED', `${what} (${words.join('; ')}).`);
}

async function untilFollowing(cli: Cli, pair: GuardPair, { from }: Roles): Promise<string> {
  return await until(cli, pair, `${from} has not come back as the standby`, (views) =>
    /^STANDBY/.test(viewOf(views, from).voting?.phase ?? ''),
  );
}

async function untilSync(cli: Cli, pair: GuardPair, { to }: Roles): Promise<string> {
  return await until(
    cli,
    pair,
    `${to} serves, but the standby does not have every commit`,
    (views) => viewOf(views, to).voting?.phase === 'PRIMARY_SYNC',
  );
}

async function until(
  cli: Cli,
  pair: GuardPair,
  otherwise: string,
  holds: (views: readonly HostView[]) => boolean,
): Promise<string> {
  let last: readonly HostView[] = [];
  try {
    return await waitFor(
      otherwise,
      async () => {
        last = await lookAt(pair);
        return holds(last) ? '' : undefined;
      },
      { deadlineMs: FOLLOWS_MS, intervalMs: 2 * POLL_MS, signal: cli.signal },
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'DEADLINE_EXCEEDED') throw error;
    throw failed(`${otherwise} after ${milliseconds(FOLLOWS_MS)}`, last);
  }
}
