/** `coordinator alert list|ack|test`: what is told to whom, who takes it on, and whether it would arrive. */

import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { AlertsSpec, ReceiverSpec } from '../../shared/model/alerts-file.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { AlertMessage } from '../alerts/message.ts';
import { renderAlert } from '../alerts/render-message.ts';
import { sendAlert } from '../alerts/send-alert.ts';
import { acknowledge } from '../alerts/tell.ts';
import { localTime } from '../report/units.ts';
import type { StoredAlert } from '../store/alerts.ts';
import { openStore, type Store } from '../store/open-store.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { parseCount } from './time-options.ts';

const MOST_ID = 999_999;
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

export const registerAlertTest: RegisterCommand = (program, cli) => {
  alertGroup(program)
    .command('test')
    .summary('send a test message to every receiver, now')
    .description(
      'Sends a message that says that it is a test to every receiver of hotpair.yaml, whatever its severity and delay, and tells which of them took it. Exit code 1 where one did not. It works beside the daemon and without it; variables of the environment are those of this command.',
    )
    .option('--to <name>', 'only to this receiver')
    .addHelpText('after', '\nExamples:\n  coordinator alert test\n  coordinator alert test --to group')
    .action((flags: { to?: string }) => sendTest(cli(), flags.to));
};

function alertGroup(program: Command): Command {
  const known = program.commands.find((command) => command.name() === 'alert');
  return known ?? program.command('alert').summary('who is told of trouble: list, acknowledge, try it');
}

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
  const { title } = renderAlert(messageOf(alert), id, 'en', 'UTC');
  const what = title.replace(/^\[[^\]]*\] /, '');
  return [String(id), severity, localTime(since, undefined), closed === null ? by : 'over', what];
}

function messageOf({ key, rule, severity, params, since, acknowledgedBy: by }: StoredAlert): AlertMessage {
  return { kind: 'raised', key, rule, severity, params, since, time: Date.now(), by };
}

async function ack(cli: Cli, number: string, name: string | undefined): Promise<void> {
  const { output } = cli;
  const spec = await cli.loadSpec();
  const alerts = alertsOf(spec);
  const id = parseCount(number.replace(/^#/, ''), 'NUMBER', MOST_ID);
  const by = name ?? userInfo().username;
  const alert = withStore(cli, spec, (store) => {
    const found = store.alerts.acknowledge(id, (one) => acknowledge(one, by, alerts, Date.now()));
    const actor = userInfo().username;
    if (found !== null)
      store.audit.append({
        ...{
          actor,
          source: 'cli',
          action: 'alert ack',
          target: found.key,
          outcome: 'done',
          data: { id, by },
        },
      });
    return found;
  });
  if (alert === null)
    throw new AppError(
      'NOT_FOUND',
      `There is no open alert ${id}: coordinator alert list shows their numbers.`,
    );
  output.line(
    `${output.style.green('✔')} ${by} has taken on alert ${id} (${alert.rule} of ${alert.params.pair}).`,
  );
  output.result({ id, rule: alert.rule, pair: alert.params.pair, acknowledgedBy: by });
}

async function sendTest(cli: Cli, name: string | undefined): Promise<void> {
  const { output, signal } = cli;
  const spec = await cli.loadSpec();
  const { receivers } = alertsOf(spec);
  const to = receivers.filter((receiver) => name === undefined || receiver.name === name);
  if (to.length === 0)
    throw new AppError(
      'NOT_FOUND',
      `There is no receiver ${name}; the receivers are: ${receivers.map((one) => one.name).join(', ')}.`,
    );
  const results = await Promise.all(to.map((receiver) => tryReceiver(receiver, spec, signal)));
  for (const { receiver, format, error } of results)
    output.line(
      error === null
        ? `${output.style.green('✔')} ${receiver} (${format}) took the test message.`
        : `${output.style.red('✖')} ${receiver} (${format}): ${error}`,
    );
  output.result({ receivers: results });
  const failed = results.filter(({ error }) => error !== null).map(({ receiver }) => receiver);
  if (failed.length > 0)
    throw new AppError('DELIVERY_FAILED', `The test message did not get to ${failed.join(', ')}.`);
}

async function tryReceiver(receiver: ReceiverSpec, spec: HotpairSpec, signal: AbortSignal) {
  const { name, format } = receiver;
  const [pair] = spec.pairs;
  const now = Date.now();
  const message: AlertMessage = {
    ...{ kind: 'test', key: 'test', rule: 'test', severity: 'warning', since: now, time: now, by: null },
    params: {
      ...{ pair: pair?.name ?? '', vip: pair?.vip ?? '', host: null, peer: null, detail: null, count: null },
      command: 'coordinator alert list',
    },
  };
  try {
    await sendAlert({ message, uuid: randomUUID(), id: 0 }, receiver, spec, signal);
    return { receiver: name, format, error: null };
  } catch (error) {
    return { receiver: name, format, error: toAppError(error).message };
  }
}

function alertsOf(spec: HotpairSpec): AlertsSpec {
  if (spec.alerts !== undefined) return spec.alerts;
  throw new AppError('NOT_FOUND', 'hotpair.yaml names nobody to alert: alerts.receivers is missing.');
}

function withStore<T>(cli: Cli, spec: HotpairSpec, work: (store: Store) => T): T {
  const store = openStore(spec.coordinator.data, (sentence) => cli.output.warn(`warning: ${sentence}`));
  try {
    return work(store);
  } finally {
    store.close();
  }
}
