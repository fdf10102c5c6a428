/**
 * One long-lived `nft -i`, fed on its standard input: a transaction costs a fraction of a millisecond, where a process
 * of its own costs seventeen.
 *
 * Invariants: texts are told one at a time, each after the answer to the one before it. An nft that does not answer
 * in time is killed, and its successor starts once it is gone: whatever it had not done by then is never done. What
 * an answer or a refusal leaves open is for the caller to read back.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { AppError } from '../../../shared/errors/app-error.ts';

/** Something nft answers without asking the kernel, so that its answer marks the end of the one before. */
const MARKER_TEXT = 'describe ipv4_addr';
const MARKER = /^datatype ipv4_addr .*\n/m;
/** nft keeps every line it was told for its history, and walks through it at each new one. */
const TEXTS_PER_PROCESS = 500;

/** Each text takes and frees some buffers of hundreds of kB: what the C library gives back to the kernel it gets anew. */
const KEEP_MEMORY = { MALLOC_MMAP_THRESHOLD_: '33554432', MALLOC_TRIM_THRESHOLD_: '33554432' } as const;

interface Question {
  /** The lines, made when they are told: they may say how much of a time is left. */
  readonly text: () => string;
  readonly deadlineMs: number;
  readonly resolve: (answer: string) => void;
  readonly reject: (reason: AppError) => void;
  timer?: NodeJS.Timeout;
}

export class NftShell {
  #child: ChildProcessWithoutNullStreams | undefined;
  #told = 0;
  #out = '';
  #errors = '';
  #stopped = false;
  /** The first one has been told to nft. */
  readonly #questions: Question[] = [];

  /** What nft prints. Rejects with nft's own words, or when it did not answer within `deadlineMs`. */
  ask(text: string | (() => string), deadlineMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const lines = typeof text === 'string' ? () => text : text;
      this.#questions.push({ text: lines, deadlineMs, resolve, reject });
      if (this.#questions.length === 1) this.#tell();
    });
  }

  /** nft ends at the end of its input. Nothing is told after this. */
  stop(): void {
    this.#stopped = true;
    this.#child?.stdin.end();
  }

  #tell(): void {
    const question = this.#questions[0];
    if (question === undefined) return;
    if (this.#stopped) {
      this.#settle('nft was stopped.');
      return;
    }
    question.timer = setTimeout(() => void this.#giveUp(question), question.deadlineMs);
    this.#child ??= this.#start();
    this.#told += 1;
    this.#child.stdin.write(`${question.text()}\n${MARKER_TEXT}\n`);
  }

  #start(): ChildProcessWithoutNullStreams {
    // No home: nft would write its history there.
    const env = { ...process.env, ...KEEP_MEMORY, LC_ALL: 'C', HOME: '/nonexistent' };
    const child = spawn('nft', ['-i'], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#told = 0;
    this.#out = '';
    this.#errors = '';
    const own = (): boolean => this.#child === child;
    child.stdin.on('error', () => undefined); // Its end is told by `close`.
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      if (!own()) return;
      this.#out += piece;
      if (MARKER.test(this.#out)) void this.#answered(child);
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      if (own()) this.#errors += piece;
    });
    child.on('error', (error) => {
      if (own() && child.pid === undefined) this.#lost(`nft cannot be started: ${error.message}`);
    });
    child.on('close', (code, signal) => {
      if (own()) this.#lost(`nft ended (${signal ?? code}): ${this.#errors.trim()}`);
    });
    return child;
  }

  async #answered(child: ChildProcessWithoutNullStreams): Promise<void> {
    const answer = this.#out.replace(MARKER, '');
    this.#out = '';
    // nft wrote its errors before the marker, into another pipe: after a whole turn of the event loop they are read.
    await turn();
    await turn();
    if (this.#child !== child) return;
    const errors = this.#errors.trim();
    this.#errors = '';
    if (this.#told >= TEXTS_PER_PROCESS) {
      child.stdin.end();
      this.#child = this.#start();
    }
    this.#settle(errors === '' ? undefined : errors, answer);
  }

  #lost(reason: string): void {
    this.#child = undefined;
    this.#settle(reason);
  }

  /** Ends the first question, and tells the next. */
  #settle(errors: string | undefined, answer = ''): void {
    const question = this.#questions.shift();
    clearTimeout(question?.timer);
    if (errors === undefined) question?.resolve(answer);
    else question?.reject(refusal(errors));
    this.#tell();
  }

  async #giveUp(question: Question): Promise<void> {
    // A process that stood still itself reads what has come in meanwhile before it judges.
    await turn();
    await turn();
    await turn();
    if (this.#questions[0] !== question || this.#child === undefined) return;
    this.#errors += `\nnft did not answer within ${question.deadlineMs} ms and was killed.`;
    this.#child.kill('SIGKILL'); // `close` goes on from here, when it is gone.
  }
}

export function refusal(words: string): AppError {
  return new AppError('FENCE_UNAVAILABLE', `The fence could not be set: ${words.trim()}`, {
    data: { words },
  });
}
