/** Commands of operators that wait for their turn between two looks. One that waited too long is withdrawn, never late. */

import { refusal } from '../../shared/pair/command-wire.ts';
import type { Command, CommandAnswer } from '../../shared/pair/commands.ts';

const LONGEST_WAIT_MS = 4000;

interface Turn {
  readonly command: Command;
  settle(answer: CommandAnswer): void;
}

export class CommandQueue {
  readonly #turns: Turn[] = [];
  readonly #longestMs: number;

  constructor(longestMs = LONGEST_WAIT_MS) {
    this.#longestMs = longestMs;
  }

  /** Settles with the answer of whoever takes the turn; refused when nobody takes it in time. */
  ask(command: Command): Promise<CommandAnswer> {
    return new Promise((resolve) => {
      const turn: Turn = {
        command,
        settle: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
      };
      const timer = setTimeout(() => {
        const place = this.#turns.indexOf(turn);
        if (place !== -1) this.#turns.splice(place, 1);
        const done = place === -1 ? 'what was done is in its log' : 'nothing was done';
        resolve(refusal(`The guard was busy with its server for ${this.#longestMs} ms: ${done}.`));
      }, this.#longestMs);
      this.#turns.push(turn);
    });
  }

  next(): Turn | undefined {
    return this.#turns.shift();
  }
}
