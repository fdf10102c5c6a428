/** Hands a command of an operator to the guard of this host, and notes in the journal who asked for it and what came of it. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { AppError, toAppError } from '../shared/errors/app-error.ts';
import { HOST_PATHS } from '../shared/model/paths.ts';
import { decode } from '../shared/protocol/decode.ts';
import { type GuardAnswer, GuardAnswerSchema, type GuardCommand } from '../shared/protocol/guard-command.ts';
import type { Journal } from './journal.ts';

/** Longer than the guard itself lets a command wait. */
const ANSWER_MS = 6000;
const LONGEST_ANSWER = 8192;

/** Throws AppError REFUSED when no guard takes commands here. */
export async function commandGuard(
  { journal }: { readonly journal: Journal },
  command: GuardCommand,
  caller: string,
  path: string = HOST_PATHS.guardSocket,
): Promise<GuardAnswer> {
  const time = Date.now();
  const started = performance.now();
  const note = (outcome: string, error?: string): Promise<void> =>
    journal.append({
      ...{ time, caller, action: 'guard.command', mode: 'apply', outcome, params: command },
      durationMs: Math.round((performance.now() - started) * 10) / 10,
      ...(error === undefined ? {} : { error }),
    });
  try {
    const answer = await ask(path, command);
    await (answer.accepted ? note('ok') : note('refused', answer.reason));
    return answer;
  } catch (thrown) {
    const error = toAppError(thrown);
    await note('failed', `${error.code}: ${error.message}`);
    throw error;
  }
}

async function ask(path: string, command: GuardCommand): Promise<GuardAnswer> {
  const socket = connect(path);
  const timer = setTimeout(
    () => socket.destroy(new Error(`it did not answer within ${ANSWER_MS} ms`)),
    ANSWER_MS,
  );
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => {
    text += part;
    if (text.length > LONGEST_ANSWER) socket.destroy(new Error('its answer is too long'));
  });
  try {
    await once(socket, 'connect');
    socket.write(`${JSON.stringify(command)}\n`);
    await once(socket, 'end');
    return decode(GuardAnswerSchema, JSON.parse(text), 'answer of the guard', 'INTERNAL');
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('REFUSED', `The guard of this host takes no command: ${why}.`, { cause: error });
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
