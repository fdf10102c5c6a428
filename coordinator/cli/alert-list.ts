/** `coordinator alert list`: what is wrong now, who was told, and what has not arrived. */

import { alertTitle } from '../api/alerts.ts';
import { localTime } from '../report/units.ts';
import type { StoredAlert } from '../store/alerts.ts';
import { alertGroup } from './alert-group.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { withStore } from './with-store.ts';

const CLOSED = 20;

export const registerAlertList: RegisterCommand = (program, cli) => {
  alertGroup(program)
    .command('list')
    .summary('what is wrong now, who was told, and what has not arrived')
    .description(
      'Lists the open alerts that somebody was told of, and messages that are still on their way. With --all also the last ones that are over. Works beside the daemon and without it.',
    )
    .option('--all', `the last ${CLOSED} that are over, too`)
    .action((flags: { all?: boolean }) => list(cli(), flags.all === true));
};

async function list(cli: Cli, all: boolean): Promise<void> {
  const { output } = cli;
  const spec = await cli.loadSpec();
  const [alerts, pending] = withStore(cli, spec, (store) => [
    [...(all ? store.alerts.closed(CLOSED).reverse() : []), ...store.alerts.open()].filter(isTold),
    store.alerts.pending(),
  ]);
  if (alerts.length === 0)
    output.line(all ? 'Nobody was told of anything.' : 'Nothing is wrong that anybody was told of.');
  else output.table([['number', 'severity', 'since', 'state', 'what'], ...alerts.map(rowOf)]);
  for (const { alert, receiver, attempts, error, due } of pending)
    output.line(
      `${output.style.yellow('▲')} ${alert} to ${receiver}: ${error ?? 'on its way'} (tried ${attempts} times, next ${localTime(due, undefined)})`,
    );
  output.result({ alerts, pending });
}

const isTold = ({ raised }: StoredAlert): boolean => raised !== null;

function rowOf(alert: StoredAlert): readonly string[] {
  const { id, severity, since, closed, acknowledgedBy } = alert;
  const by = acknowledgedBy === null ? 'open' : `taken on by ${acknowledgedBy}`;
  const state = closed === null ? by : 'over';
  return [String(id), severity, localTime(since, undefined), state, alertTitle(alert)];
}
