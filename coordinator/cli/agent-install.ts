/** `coordinator agent install`: puts the agent onto hosts over ssh and enrols them, or brings them to this build. */

import { toAppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { announceAuthority } from '../agents/announce-authority.ts';
import { ensureAgent } from '../agents/bootstrap.ts';
import { loadOrCreatePki, type Pki } from '../agents/pki.ts';
import { type SelectedHost, selectHosts } from '../agents/select-hosts.ts';
import { agentGroup } from './agent-group.ts';
import { audited } from './audited.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import type { Progress } from './progress.ts';

interface Flags {
  readonly pair?: string;
  readonly takeOver?: boolean;
}

export const registerAgentInstall: RegisterCommand = (program, cli) => {
  agentGroup(program)
    .command('install [hosts...]')
    .summary('install or upgrade the agent over ssh')
    .description(
      'Puts the agent onto the named hosts (all hosts of the file without names) with the system OpenSSH, and gives them certificates of this coordinator. A host that is right already is not touched. deploy does the same by itself.',
    )
    .option('--pair <name>', 'only hosts of this pair')
    .option('--take-over', 'also enrol hosts that belong to another coordinator')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator agent install\n  coordinator agent install db1 --take-over',
    )
    .action((hosts: string[], flags: Flags) => install(cli(), hosts, flags));
};

async function install(cli: Cli, names: readonly string[], flags: Flags): Promise<void> {
  const spec = await cli.loadSpec();
  const selected = selectHosts(spec, names, flags.pair);
  const target = selected.map(({ host }) => host.name).join(' ');
  await audited(cli, spec, target, () => installAgents(cli, spec, selected, flags), 'agent install');
}

async function installAgents(
  cli: Cli,
  spec: HotpairSpec,
  selected: readonly SelectedHost[],
  flags: Flags,
): Promise<void> {
  const pki = await loadOrCreatePki(spec.coordinator.data);
  const progress = cli.output.progress();
  const installed: InstalledHost[] = [];
  // The hosts of one pair at the same time, one pair after another.
  for (const pair of new Set(selected.map((one) => one.pair))) {
    const hosts = selected.filter((one) => one.pair === pair);
    if (flags.takeOver) await announce(cli, spec, pki, hosts, progress);
    installed.push(
      ...(await Promise.all(hosts.map((one) => installOne(cli, spec, pki, one, flags, progress)))),
    );
  }
  progress.end();
  cli.output.result({
    hosts: installed.map(({ host, pair, version, changed, error }) => ({
      host,
      pair,
      version,
      changed,
      ...(error === undefined ? {} : { error: error.toJSON() }),
    })),
  });
  const failed = installed.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw failed.error;
}

/** Before any host of a pair gets other certificates, both know whose they will be. */
async function announce(
  cli: Cli,
  spec: HotpairSpec,
  pki: Pki,
  selected: readonly SelectedHost[],
  progress: Progress,
): Promise<void> {
  const pair = selected[0]?.pair;
  if (pair === undefined) return;
  const task = progress.task(`${pair.name}/authority`, `Authority for ${pair.name}`);
  try {
    await announceAuthority(spec, pair, pki.ca, {
      hosts: selected.map(({ host }) => host),
      signal: cli.signal,
      onProgress: (host, message) => task.update(`${host.name}: ${message}`),
    });
    task.done('ok');
  } catch (thrown) {
    task.fail(toAppError(thrown).message);
    progress.end();
    throw thrown;
  }
}

interface InstalledHost {
  readonly host: string;
  readonly pair: string;
  readonly version: string | null;
  readonly changed: readonly string[];
  readonly error?: ReturnType<typeof toAppError>;
}

async function installOne(
  cli: Cli,
  spec: HotpairSpec,
  pki: Pki,
  { host, pair }: SelectedHost,
  flags: Flags,
  progress: Progress,
): Promise<InstalledHost> {
  const task = progress.task(`${pair.name}/${host.name}`, `Agent on ${host.name}`);
  const named = { host: host.name, pair: pair.name };
  try {
    const { link, changed } = await ensureAgent(spec, host, pki, {
      onProgress: (message) => task.update(message),
      signal: cli.signal,
      takeOver: flags.takeOver ?? false,
    });
    const { version } = link.hello;
    link.close();
    task.done(changed.length === 0 ? 'ok' : 'changed', version);
    return { ...named, version, changed };
  } catch (thrown) {
    const error = toAppError(thrown);
    task.fail(error.message);
    return { ...named, version: null, changed: [], error };
  }
}
