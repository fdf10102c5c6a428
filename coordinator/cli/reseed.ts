/** `coordinator reseed`: a host that has diverged or lost its data gets a copy of the primary's. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { ensureAgent } from '../agents/bootstrap.ts';
import { claimPair, closeFleet, reachAgents } from '../agents/fleet.ts';
import type { AgentLink } from '../agents/link.ts';
import { loadOrCreatePki } from '../agents/pki.ts';
import { type SelectedHost, selectHosts } from '../agents/select-hosts.ts';
import { type Reseeded, reseed as reseedHost } from '../reseed/reseed.ts';
import { planLines, question, type ReseedPlan } from '../reseed/words.ts';
import { audited } from './audited.ts';
import { confirmName } from './confirm.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import type { GuardPair } from './guard-commands.ts';
import type { ProgressTask } from './progress.ts';
import { withStore } from './with-store.ts';

interface Flags {
  readonly confirm?: string;
  /** Only a host of this pair; else of whichever pair has it. */
  readonly pair?: string;
}

export const registerReseed: RegisterCommand = (program, cli) => {
  program
    .command('reseed <host>')
    .summary("replace a host's data by a copy of the primary's")
    .description(
      'For a host that has transactions of its own (NEEDS_REPAIR), or whose data or whole disk are lost. Saves what only this host has, shows it, and asks for the name of the pair; then copies the data from the primary with mariadb-backup, and brings the host back as the standby. The former data stay until the pair is in SYNC. Interrupted, run it again. Refused (exit 3) on the primary, and while nobody serves.',
    )
    .option('--confirm <pair>', "the pair's name, typed in here instead of at the question")
    .addHelpText('after', '\nExample:\n  coordinator reseed db2')
    .action((host: string, flags: Flags) => reseed(cli(), host, flags));
};

/** Throws REFUSED, PAIR_BUSY, and what went wrong on a host. */
export async function reseed(cli: Cli, name: string, flags: Flags): Promise<void> {
  const spec = await cli.loadSpec();
  const [selected] = selectHosts(spec, [name], flags.pair);
  if (selected === undefined) throw new AppError('NOT_FOUND', `There is no host ${name}.`);
  const { pair } = selected;
  await audited(cli, spec, `${pair.name}/${name}`, () => run(cli, spec, selected, flags));
}

async function run(cli: Cli, spec: HotpairSpec, selected: SelectedHost, flags: Flags): Promise<void> {
  const { pair } = selected;
  const { name } = selected.host;
  const tell = (kind: 'ReseedStarted' | 'ReseedFinished', message: string, data = {}): void =>
    withStore(
      cli,
      spec,
      ({ events }) => void events.append({ pair: pair.name, host: name, kind, message, data }),
    );
  const progress = cli.output.progress();
  const step = steps(progress);
  const links: AgentLink[] = [];
  try {
    const reached = await reachAgents(spec, pair, { signal: cli.signal });
    links.push(...reached.flatMap(({ link }) => (link === undefined ? [] : [link])));
    const other = reached.find(({ host }) => host.name !== name);
    if (other?.link === undefined) throw other?.error ?? new AppError('INTERNAL', 'A pair has two hosts.');
    const own = links.find(({ host }) => host.name === name);
    if (own === undefined) cli.approve?.(`Install the agent on ${name}, and then replace its data?`);
    const host = own ?? (await step('agent', `Agent on ${name}`, (task) => install(task)));
    if (own === undefined) links.push(host);
    const both = [{ host: host.host, link: host } as const, { host: other.host, link: other.link } as const];
    const [a, b] = pair.hosts.map((one) => both.find((found) => found.host.name === one.name));
    if (a === undefined || b === undefined) throw new AppError('INTERNAL', 'A pair has two hosts.');
    const guards: GuardPair = { cli, spec, pair, reached: [a, b] };
    const release = await claimPair([a.link, b.link], pair, 'coordinator reseed');
    try {
      const confirm = async (plan: ReseedPlan): Promise<void> => {
        progress.end();
        for (const line of planLines(plan)) cli.output.line(line);
        await confirmName(cli, question(plan), pair.name, flags.confirm);
        tell('ReseedStarted', `The data of ${name} are replaced by a copy of those of ${plan.primary}.`);
      };
      const done = await reseedHost({ pair: guards, host, other: other.link, confirm, step });
      progress.end();
      tell('ReseedFinished', `${name} is the standby of ${pair.name} again, with a new copy.`, {
        outcome: 'ok',
        saved: done.errant?.copy ?? null,
      });
      report(cli, name, pair.name, done);
    } finally {
      await release();
    }
  } finally {
    progress.end();
    closeFleet(links);
  }

  async function install(task: ProgressTask): Promise<AgentLink> {
    const pki = await loadOrCreatePki(spec.coordinator.data);
    const { link } = await ensureAgent(spec, selected.host, pki, {
      signal: cli.signal,
      onProgress: (message) => task.update(message),
    });
    return link;
  }
}

function steps(progress: ReturnType<Cli['output']['progress']>) {
  return async <T>(id: string, title: string, work: (task: ProgressTask) => Promise<T>): Promise<T> => {
    const task = progress.task(id, title);
    try {
      const result = await work(task);
      task.done('ok');
      return result;
    } catch (error) {
      task.fail(error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
}

function report({ output }: Cli, host: string, pair: string, { position, errant, kept }: Reseeded): void {
  output.line();
  output.line(
    `${output.style.green('✔')} ${host} is the standby of ${output.style.bold(pair)} again, in SYNC, with a copy of ${position ?? 'the primary'}.`,
  );
  if (errant?.copy != null) output.line(`What only ${host} had is in ${errant.copy}.`);
  if (kept)
    output.line(
      `Its former data are kept on ${host}, in /var/lib/mysql.hotpair-kept-*: whether the saved file has all that only they have is not certain. Remove them when nobody needs them.`,
    );
  output.result({
    ...{ host, pair, position, kept, saved: errant?.copy ?? null },
    errant:
      errant === null ? null : { count: errant.count, transactions: errant.transactions, note: errant.note },
  });
}
