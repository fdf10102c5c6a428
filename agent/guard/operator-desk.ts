/** Takes the commands of operators: in at the socket, into the queue between two looks, and what is answered into the log. */

import { HOST_PATHS } from '../../shared/model/paths.ts';
import { refusal } from '../../shared/pair/command-wire.ts';
import type { Command, CommandAnswer } from '../../shared/pair/commands.ts';
import type { Effect } from '../../shared/pair/effects.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { CommandQueue } from './command-queue.ts';
import { CommandSocket } from './command-socket.ts';

export interface OperatorDeskOptions {
  readonly log: Logger;
  /** Why no command can be taken now, or null. */
  readonly closed: () => string | null;
  /** A command waits for its turn. */
  readonly waiting: () => void;
}

export class OperatorDesk {
  readonly #options: OperatorDeskOptions;
  readonly #queue = new CommandQueue();
  readonly #door: CommandSocket;

  constructor(options: OperatorDeskOptions) {
    this.#options = options;
    const { log } = options;
    this.#door = new CommandSocket({
      ...{ path: HOST_PATHS.guardSocket, log },
      obey: (command) => this.#ask(command),
    });
  }

  start(): Promise<void> {
    return this.#door.start();
  }

  stop(): void {
    this.#door.stop();
  }

  /** The command whose turn it is. */
  next(): ReturnType<CommandQueue['next']> {
    return this.#queue.next();
  }

  async #ask(command: Command): Promise<CommandAnswer> {
    const { log, closed, waiting } = this.#options;
    const reason = closed();
    if (reason !== null) return refusal(reason);
    const answer = this.#queue.ask(command);
    waiting();
    const answered = await answer;
    log.info({ command, answer: answered }, 'A command of an operator.');
    return answered;
  }
}

/** What the operator hears once the effects were tried. What cannot be written down was not ordered. */
export function answerOf(
  effects: readonly Effect[],
  answer: CommandAnswer | undefined,
  acted: boolean,
): CommandAnswer {
  if (answer === undefined) return refusal('The guard has no answer.');
  if (acted || !effects.some(({ kind }) => kind === 'persist')) return answer;
  return refusal("The order could not be written down: see the guard's log.");
}
