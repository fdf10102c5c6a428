/**
 * The guard's door for operators: a socket that only root can open. One line with a command comes in, one line with its
 * answer goes out.
 *
 * Invariant: who does not say his line in time, says too much or something else is answered with a refusal, and nothing
 * is done.
 */

import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { toAppError } from '../../shared/errors/app-error.ts';
import { readCommand, refusal } from '../../shared/pair/command-wire.ts';
import type { Command, CommandAnswer } from '../../shared/pair/commands.ts';
import type { Logger } from '../../shared/runtime/logger.ts';

const LINE_MS = 2000;
const LONGEST_LINE = 4096;
const MOST_CALLERS = 8;

export interface CommandSocketOptions {
  readonly path: string;
  readonly obey: (command: Command) => Promise<CommandAnswer>;
  readonly log: Logger;
}

export class CommandSocket {
  readonly #options: CommandSocketOptions;
  readonly #server: Server;
  readonly #callers = new Set<Socket>();

  constructor(options: CommandSocketOptions) {
    this.#options = options;
    this.#server = createServer((caller) => void this.#serve(caller));
    this.#server.maxConnections = MOST_CALLERS;
  }

  /** Settles when it can be called. A guard without this door still does everything else. */
  async start(): Promise<void> {
    const { path, log } = this.#options;
    try {
      mkdirSync(dirname(path), { recursive: true });
      rmSync(path, { force: true });
      await this.#listen(path);
      chmodSync(path, 0o600);
    } catch (error) {
      log.error({ err: error, path }, 'Commands of operators cannot be taken.');
    }
  }

  stop(): void {
    this.#server.close();
    for (const caller of this.#callers) caller.destroy();
  }

  /** The file is made while listen() runs: nobody else may open it before its mode is set. */
  #listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      const umask = process.umask(0o177);
      try {
        this.#server.listen(path, () => {
          this.#server.removeListener('error', reject);
          this.#server.on('error', (error) =>
            this.#options.log.warn({ err: error }, 'The door of commands.'),
          );
          resolve();
        });
      } finally {
        process.umask(umask);
      }
    });
  }

  async #serve(caller: Socket): Promise<void> {
    this.#callers.add(caller);
    caller.on('error', () => caller.destroy());
    caller.once('close', () => this.#callers.delete(caller));
    const answer = await this.#answer(caller);
    if (!caller.destroyed) caller.end(`${JSON.stringify(answer)}\n`);
  }

  async #answer(caller: Socket): Promise<CommandAnswer> {
    try {
      const line = await lineOf(caller);
      const command = readCommand(JSON.parse(line), Date.now());
      return await this.#options.obey(command);
    } catch (error) {
      return refusal(`The guard could not read the command: ${toAppError(error).message}`);
    }
  }
}

/** The first line, without its end; rejects when it does not come in time or is too long. */
function lineOf(caller: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (why: string): void => reject(new Error(why));
    const timer = setTimeout(() => fail(`there was no line within ${LINE_MS} ms.`), LINE_MS);
    caller.setEncoding('utf8');
    caller.once('close', () => {
      clearTimeout(timer);
      fail('the caller went away.');
    });
    caller.on('data', (part: string) => {
      text += part;
      const end = text.indexOf('\n');
      if (end === -1 && text.length <= LONGEST_LINE) return;
      clearTimeout(timer);
      if (end === -1 || end > LONGEST_LINE) fail(`its line is longer than ${LONGEST_LINE} characters.`);
      else resolve(text.slice(0, end));
    });
    caller.once('end', () => fail('the caller ended before its line did.'));
  });
}
