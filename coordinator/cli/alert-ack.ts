/** `coordinator alert ack`: somebody takes an alert on. */

import { userInfo } from 'node:os';
import { acknowledgeAlert } from '../api/alerts.ts';
import { alertGroup, alertsOf } from './alert-group.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { parseCount } from './time-options.ts';
import { withStore } from './with-store.ts';

const MOST_ID = 999_999;

export const registerAlertAck: RegisterCommand = (program, cli) => {
  alertGroup(program)
    .command('ack <number>')
    .summary('say that you are on it: no repeats, no escalation')
    .description(
      'Takes an alert on: it is not told again, and not to further receivers. Everybody who knows of it is told who has it; its end is told as ever.',
    )
    .option('--by <name>', 'your name (default: that of the account)')
    .addHelpText('after', '\nExample:\n  coordinator alert ack 12 --by anna')
    .action((number: string, flags: { by?: string }) => ack(cli(), number, flags.by));
};

async function ack(cli: Cli, number: string, name: string | undefined): Promise<void> {
  const { output } = cli;
  const spec = await cli.loadSpec();
  const alerts = alertsOf(spec);
  const id = parseCount(number.replace(/^#/, ''), 'NUMBER', MOST_ID);
  const by = name ?? userInfo().username;
  const actor = userInfo().username;
  const alert = withStore(cli, spec, (store) =>
    acknowledgeAlert(store, alerts, { id, by, actor, source: 'cli' }),
  );
  output.line(
    `${output.style.green('✔')} ${by} has taken on alert ${id} (${alert.rule} of ${alert.params.pair}).`,
  );
  output.result({ id, rule: alert.rule, pair: alert.params.pair, acknowledgedBy: by });
}
