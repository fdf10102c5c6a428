/** `coordinator drill`: the test of the pair that people would do by hand, with times. */

import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { claimPair, closeFleet, type Fleet, openFleet } from '../agents/fleet.ts';
import type { DrillResult } from '../drill/drill.ts';
import type { DrillOptions } from '../drill/drill-step.ts';
import { addressWords, holdersIn } from '../drill/judge.ts';
import type { DrillStage } from '../drill/stage.ts';
import { milliseconds } from '../report/units.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { audited } from './audited.ts';
import { confirm } from './confirm.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { verdictRows } from './verdict-rows.ts';

interface Flags {
  readonly yes?: boolean;
  readonly recover?: boolean;
}

/** What every part of one run needs. */
interface Run {
  readonly cli: Cli;
  readonly spec: HotpairSpec;
  readonly pair: PairSpec;
}

/** What the client of the drill connects with. */
type Access = Pick<DrillOptions, 'password' | 'ca'>;

export const registerDrill: RegisterCommand = (program, cli) => {
  program
    .command('drill [pair]')
    .summary('stop the server on the primary on purpose, and see the pair take it')
    .description(
      'Writes rows through the VIP, stops the server on the primary, times until the VIP answers on the other host, brings the server back, and checks that the VIP stays and that no acknowledged row is lost. Refused (exit 3) on a pair that is not healthy. Afterwards the roles are exchanged.',
    )
    .option('--yes', 'do not ask')
    .option('--recover', 'only bring back the server that an interrupted drill left stopped')
    .addHelpText('after', '\nExamples:\n  coordinator drill orders\n  coordinator drill orders --yes --json')
    .action((name: string | undefined, flags: Flags) => drill(cli(), name, flags));
};

export async function drill(cli: Cli, name: string | undefined, flags: Flags): Promise<void> {
  const spec = await cli.loadSpec();
  const run = { cli, spec, pair: cli.pair(spec, name) };
  if (flags.recover === true) return await recover(run);
  const ports = await openFleet(spec, run.pair, { signal: cli.signal });
  try {
    await audited(cli, spec, run.pair.name, () => drillPair(run, ports, flags));
  } finally {
    closeFleet(ports);
  }
}

async function drillPair(run: Run, ports: Fleet, flags: Flags): Promise<void> {
  const { cli, spec, pair } = run;
  const { stageDrill } = await import('../drill/stage.ts');
  const access = await readAccess(run);
  announce(cli, pair, await stageDrill(pair, ports));
  await confirm(cli, `Stop the server on the primary of ${pair.name} now?`, flags.yes);
  const release = await claimPair(ports, pair, 'coordinator drill');
  const store = openStore(spec.coordinator.data, (sentence) => cli.output.warn(`warning: ${sentence}`));
  try {
    // Looked at again under the claim: the question may have been open for long.
    const stage = await stageDrill(pair, ports);
    const result = await recorded(run, store, stage, () => perform(run, access, ports, stage));
    conclude(cli, result);
  } finally {
    store.close();
    await release();
  }
}

function announce({ output }: Cli, pair: PairSpec, { primary, standby, before }: DrillStage): void {
  output.line(
    `Drill on ${output.style.bold(pair.name)}: ${primary.host.name} is the primary and holds the VIP ${pair.vip}.`,
  );
  for (const [host, addresses] of Object.entries(before))
    output.line(`  ${host}  ${addressWords(addresses)}`);
  output.line();
  output.line(
    `The server on ${primary.host.name} will be stopped, and comes back as the standby; ${standby.host.name} stays the primary.`,
  );
  output.line('Clients are interrupted, usually for less than a second; what they have open is rolled back.');
  output.line();
}

async function readAccess({ spec, pair }: Run): Promise<Access> {
  const [{ loadSecrets }, { loadOrCreatePki }] = await Promise.all([
    import('../secrets.ts'),
    import('../agents/pki.ts'),
  ]);
  const { verify: password } = await loadSecrets(spec.coordinator.data, pair);
  const { ca } = await loadOrCreatePki(spec.coordinator.data);
  return { password, ca };
}

async function perform(run: Run, access: Access, ports: Fleet, stage: DrillStage): Promise<DrillResult> {
  const { cli, pair } = run;
  const { runDrill } = await import('../drill/drill.ts');
  const progress = cli.output.progress();
  try {
    return await runDrill({ pair, ports, ...access, progress, signal: cli.signal }, stage);
  } catch (error) {
    progress.end();
    cli.output.warn(`The drill stopped: ${toAppError(error).message}`);
    await recover(run);
    throw error;
  } finally {
    progress.end();
  }
}

/** Over connections of its own, and not ended by the Ctrl-C that ended the drill. */
async function recover({ cli, spec, pair }: Run): Promise<void> {
  const { recoverPair } = await import('../drill/recover.ts');
  const signal = new AbortController().signal;
  const ports = await openFleet(spec, pair, { signal });
  const progress = cli.output.progress();
  try {
    await recoverPair(pair, ports, { progress, signal });
  } finally {
    progress.end();
    closeFleet(ports);
  }
}

/** The drill as a run and as two events, whatever its end. */
async function recorded(
  { pair }: Run,
  store: Store,
  { primary }: DrillStage,
  work: () => Promise<DrillResult>,
): Promise<DrillResult> {
  const about = { pair: pair.name, host: primary.host.name };
  const id = store.runs.begin('drill', pair.name);
  store.events.append({
    ...about,
    kind: 'DrillStarted',
    message: `A drill began: the server on ${primary.host.name} is stopped on purpose.`,
  });
  const finish = (
    outcome: 'ok' | 'failed' | 'interrupted',
    message: string,
    data: Record<string, unknown>,
  ): void => {
    store.events.append({ ...about, kind: 'DrillFinished', message, data: { outcome, ...data } });
    store.runs.end(id, outcome, 0);
  };
  try {
    const result = await work();
    const { outageMs, rowsAcknowledged, rowsLost, primaryAfter } = result;
    const words =
      outageMs === null ? 'the VIP did not answer elsewhere' : `${milliseconds(outageMs)} without a row`;
    const message = `The drill ended ${result.ok ? 'well' : 'badly'}: ${words}, ${rowsLost} of ${rowsAcknowledged} rows lost.`;
    finish(result.ok ? 'ok' : 'failed', message, { outageMs, rowsAcknowledged, rowsLost, primaryAfter });
    return result;
  } catch (error) {
    const { code, message } = toAppError(error);
    finish(code === 'CANCELLED' ? 'interrupted' : 'failed', `The drill did not come to its end: ${message}`, {
      code,
    });
    throw error;
  }
}

/** Throws VERIFY_FAILED when one check failed. */
function conclude({ output }: Cli, result: DrillResult): void {
  const { addresses, verdicts } = result;
  output.line();
  const hosts = Object.keys(addresses.before);
  output.table([
    ['', 'VIP on', ...hosts],
    ...(['before', 'after', 'end'] as const).map((when) => [
      when,
      holdersIn(addresses[when], result.vip).join(' and ') || 'no host',
      ...hosts.map((host) => addressWords(addresses[when][host] ?? [])),
    ]),
  ]);
  output.line();
  output.table([
    ['stop of the server', milliseconds(result.stopMs)],
    [
      'longest time without an acknowledged row',
      result.outageMs === null ? '-' : milliseconds(result.outageMs),
    ],
    ['server back after its release', milliseconds(result.serverBackMs)],
    ['both replicate again, without lag', milliseconds(result.healthyMs)],
    ['rows acknowledged, lost', `${result.rowsAcknowledged}, ${result.rowsLost}`],
  ]);
  output.line();
  output.table(verdictRows(verdicts, output.style));
  output.result(result);
  const failed = verdicts.filter((verdict) => !verdict.ok);
  if (failed.length > 0)
    throw new AppError('VERIFY_FAILED', `${failed.length} of ${verdicts.length} checks of the drill failed.`);
  output.line();
  output.line(
    `${output.style.green('✔')} ${result.primaryAfter} is the primary now, ${result.primaryBefore} follows.`,
  );
}
