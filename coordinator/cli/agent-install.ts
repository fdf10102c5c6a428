/** `coordinator agent install`: puts the agent onto hosts over ssh and enrols them, or brings them to this build. */

import { toAppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { ensureAgent } from '../agents/bootstrap.ts';
import { loadOrCreatePki, type Pki } from '../agents/pki.ts';
import { type SelectedHost, selectHosts } from '../agents/select-hosts.ts';
import { agentGroup } from './agent-group.ts';
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
    .action((hosts: string[], flags: Flags) => installAgents(cli(), hosts, flags));
};

async function installAgents(cli: Cli, names: readonly string[], flags: Flags): Promise<void> {
  const spec = await cli.loadSpec();
  const selected = selectHosts(spec, names, flags.pair);
  const pki = await loadOrCreatePki(spec.coordinator.data);
  const progress = cli.output.progress();
  const installed: InstalledHost[] = [];
  // The hosts of one pair at the same time, one pair after another.
  for (const pair of new Set(selected.map((one) => one.pair))) {
    const hosts = selected.filter((one) => one.pair === pair);
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
