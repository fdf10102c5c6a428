/** `coordinator alert test`: would a message arrive? */

import { randomUUID } from 'node:crypto';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import type { ReceiverSpec } from '../../shared/model/alerts-file.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { AlertMessage } from '../alerts/message.ts';
import { sendAlert } from '../alerts/send-alert.ts';
import { alertGroup, alertsOf } from './alert-group.ts';
import type { Cli, RegisterCommand } from './frame.ts';

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
    ...{
      kind: 'test',
      key: 'test',
      rule: 'test',
      severity: 'warning',
      since: now,
      time: now,
      by: null,
      also: [],
    },
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
