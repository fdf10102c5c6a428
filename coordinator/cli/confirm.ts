/** The yes/no question before something that hurts. Without a terminal nobody can answer, so it refuses and names --yes. */

import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Cli } from './frame.ts';

/**
 * Returns when the answer is yes, or at once when `yes` (the --yes flag) is given. Throws AppError REFUSED when the
 * answer is no or nobody can be asked, CANCELLED on Ctrl-C. `question` ends with a question mark.
 */
export async function confirm(cli: Cli, question: string, yes: boolean | undefined): Promise<void> {
  if (cli.approve !== undefined) return cli.approve(question);
  if (yes === true) return;
  if (cli.output.mode !== 'terminal' || process.stdin.isTTY !== true)
    throw new AppError('REFUSED', `${question} There is no terminal to ask on; add --yes to go on.`);
  const answer = await ask(`${question} [y/N] `, cli.signal);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new AppError('REFUSED', 'The answer was no; nothing was changed.');
}

/**
 * Returns when the name was typed in, at the question or with --confirm (`given`). Throws AppError REFUSED for any other
 * word, and when nobody can be asked.
 */
export async function confirmName(
  cli: Cli,
  statement: string,
  name: string,
  given: string | undefined,
): Promise<void> {
  if (cli.approve !== undefined) cli.approve(statement); // Ends a dry run here.
  const asks = given === undefined && cli.approve === undefined;
  if (asks && (cli.output.mode !== 'terminal' || process.stdin.isTTY !== true))
    throw new AppError('REFUSED', `${statement} There is no terminal to ask on; add --confirm ${name}.`);
  const answer = asks ? await ask(`${statement}\nType ${name} to go on: `, cli.signal) : (given ?? '');
  if (answer.trim() !== name) throw new AppError('REFUSED', `${name} was not typed in; nothing was changed.`);
}

async function ask(prompt: string, signal: AbortSignal): Promise<string> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  reader.once('SIGINT', () => process.kill(process.pid, 'SIGINT')); // The frame answers Ctrl-C, here as elsewhere.
  try {
    return await Promise.race([
      reader.question(prompt, { signal }),
      new Promise<string>((resolve) => reader.once('close', () => resolve(''))), // End of input is a no.
    ]);
  } catch (error) {
    throw new AppError('CANCELLED', 'Interrupted; nothing was changed.', { cause: error });
  } finally {
    reader.close();
  }
}
