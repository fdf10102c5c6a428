/** `coordinator deploy`: two bare hosts become a verified pair; run again, nothing changes. */

import { type DeployResult, deployPair } from '../choreography/deploy.ts';
import { storeJournal } from '../choreography/journal.ts';
import { openStore } from '../store/open-store.ts';
import { audited } from './audited.ts';
import { confirm } from './confirm.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { seconds } from './progress-tree.ts';
import { verdictRows } from './verdict-rows.ts';

interface Flags {
  readonly yes?: boolean;
}

export const registerDeploy: RegisterCommand = (program, cli) => {
  program
    .command('deploy [pair]')
    .summary('make two bare hosts a verified pair')
    .description(
      'Makes two bare hosts a verified hot-standby pair: agents, packages, servers, replication both ways, guards, keepalived, and a check of the whole. Run again it changes nothing; interrupted, run it again.',
    )
    .option('--yes', 'do not ask before clients of a pair that serves are interrupted')
    .addHelpText('after', '\nExamples:\n  coordinator deploy\n  coordinator deploy orders --yes')
    .action((name: string | undefined, flags: Flags) => deploy(cli(), name, flags));
};

export async function deploy(cli: Cli, name: string | undefined, flags: Flags): Promise<void> {
  const spec = await cli.loadSpec();
  const pair = cli.pair(spec, name);
  const store = openStore(spec.coordinator.data, (sentence) => cli.output.warn(`warning: ${sentence}`));
  const progress = cli.output.progress();
  const started = performance.now();
  try {
    store.events.append({
      pair: pair.name,
      kind: 'DeployStarted',
      message: `A deploy of ${pair.name} began.`,
    });
    const journal = storeJournal(store.runs, 'deploy', pair.name);
    const result = await audited(cli, spec, pair.name, () =>
      deployPair({
        ...{ spec, pair, progress, journal, signal: cli.signal },
        async confirm(plan) {
          if (flags.yes !== true) progress.end();
          for (const note of plan.notes) cli.output.line(note);
          await confirm(cli, 'Go on?', flags.yes);
        },
      }),
    );
    progress.end();
    report(cli, pair.name, result, performance.now() - started);
    finished(store, pair.name, 'ok', result.changes.length);
  } catch (error) {
    progress.end();
    finished(store, pair.name, 'failed', null);
    throw error;
  } finally {
    store.close();
  }
}

function finished(
  store: ReturnType<typeof openStore>,
  pair: string,
  outcome: string,
  changes: number | null,
): void {
  const words = outcome === 'ok' ? `ended well with ${changes} changes` : 'ended with an error';
  store.events.append({
    pair,
    kind: 'DeployFinished',
    message: `The deploy of ${pair} ${words}.`,
    data: { outcome, changes },
  });
}

function report({ output }: Cli, pair: string, result: DeployResult, ms: number): void {
  const { changes, verdicts, primary } = result;
  output.line();
  output.table(verdictRows(verdicts, output.style));
  output.line();
  const what = changes.length === 0 ? 'nothing to change' : `${changes.length} changes`;
  output.line(
    `${output.style.green('✔')} ${output.style.bold(pair)} is deployed: ${primary ?? 'no host'} is the primary; ${what}, ${seconds(ms)}.`,
  );
  output.result({
    pair,
    primary,
    seconds: Math.round(ms) / 1000,
    changed: changes.length,
    changes,
    verdicts,
  });
}
