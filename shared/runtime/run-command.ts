/** Runs one program, never through a shell. Success and failure are one record; `check` turns failure into an AppError. */

import { spawn } from 'node:child_process';
import { AppError } from '../errors/app-error.ts';

export interface RunOptions {
  readonly timeoutMs: number;
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Replaces the environment; the default is the own environment with LC_ALL=C. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Throw COMMAND_FAILED on a non-zero exit; default true. */
  readonly check?: boolean;
  /** Called with every complete line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  /** Exit code; -1 when a signal ended it or it never started. */
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

const MAX_OUTPUT = 16 * 1024 * 1024;

export async function runCommand(argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new AppError('INTERNAL', 'runCommand was given no program.');
  const result = await collect(file, args, options);
  if (options.signal?.aborted)
    throw new AppError('CANCELLED', `${file} was ended because the call was cancelled.`);
  if (result.timedOut)
    throw new AppError(
      'DEADLINE_EXCEEDED',
      `${file} did not end within ${options.timeoutMs} ms and was ended.`,
      { data: { argv } },
    );
  if ((options.check ?? true) && result.code !== 0) {
    const words = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
    throw new AppError('COMMAND_FAILED', `${file} failed with exit code ${result.code}: ${words}`, {
      data: { argv, code: result.code },
    });
  }
  return result;
}

function collect(file: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      env: options.env === undefined ? { ...process.env, LC_ALL: 'C' } : { ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      stdio: ['pipe', 'pipe', 'pipe'],
      killSignal: 'SIGKILL',
    });
    let timedOut = false;
    let startError = '';
    const stdout = sink(options.onLine);
    const stderr = sink(options.onLine);
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, options.timeoutMs);
    child.stdout.on('data', stdout.push);
    child.stderr.on('data', stderr.push);
    child.stdin.on('error', () => undefined); // A program that does not read its input is no fault of ours.
    child.on('error', (error) => {
      startError = error.message;
      if (child.pid === undefined) finish(-1, null);
    });
    child.on('close', finish);
    child.stdin.end(options.input ?? '');

    function finish(code: number | null, signal: NodeJS.Signals | null): void {
      clearTimeout(timer);
      resolve({
        code: code ?? -1,
        signal,
        stdout: stdout.end(),
        stderr: stderr.end() || startError,
        timedOut,
      });
    }
  });
}

function sink(onLine: ((line: string) => void) | undefined) {
  const decoder = new TextDecoder();
  let text = '';
  let pending = '';
  const take = (piece: string): void => {
    if (text.length < MAX_OUTPUT) text += piece;
    if (onLine === undefined) return;
    const lines = (pending + piece).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
  return {
    push: (chunk: Buffer): void => take(decoder.decode(chunk, { stream: true })),
    end: (): string => {
      take(decoder.decode());
      if (onLine !== undefined && pending !== '') onLine(pending);
      pending = '';
      return text;
    },
  };
}
