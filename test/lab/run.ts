// Runs one command of the outer machine: an argv array, never a shell string. Answers for timeouts, captured
// output and one clear error when the command fails.
import { spawn, spawnSync } from 'node:child_process';

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  /** Throw when the exit code is not 0 (default true). */
  readonly check?: boolean;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** A command that ended with a non-zero code although success was required. */
export class CommandFailed extends Error {
  readonly argv: readonly string[];
  readonly result: CommandResult;

  constructor(argv: readonly string[], result: CommandResult) {
    const output = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-15).join('\n');
    super(`\`${argv.join(' ')}\` ended with code ${result.code}${output === '' ? '' : `:\n${output}`}`);
    this.name = 'CommandFailed';
    this.argv = argv;
    this.result = result;
  }
}

const defaultTimeoutMs = 120_000;

/** Runs argv and resolves with its exit code and output; a killed or timed-out command has code 128 + signal or 124. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  const [file, ...args] = argv;
  if (file === undefined) throw new TypeError('run needs at least the name of a program');
  const result = await new Promise<CommandResult>((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let timedOut = false;
    const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open: what has been read so far is the answer.
      child.stdout.destroy();
      child.stderr.destroy();
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Error(`cannot run \`${argv.join(' ')}\`: ${error.message}`, { cause: error }));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const late = timedOut ? `\ntimed out after ${timeoutMs} ms` : '';
      resolve({
        code: timedOut ? 124 : (code ?? 128),
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8') + late,
      });
    });
    child.stdin.on('error', () => {}); // the command may end without reading its input
    child.stdin.end(options.input ?? '');
  });
  if (result.code !== 0 && options.check !== false) throw new CommandFailed(argv, result);
  return result;
}

/** The same, blocking: for clean-up, which also runs while the process exits. */
export function runSync(argv: readonly string[], options: { check?: boolean } = {}): CommandResult {
  const [file = '', ...args] = argv;
  const done = spawnSync(file, args, { encoding: 'utf8', timeout: defaultTimeoutMs });
  const result = { code: done.status ?? 128, stdout: done.stdout ?? '', stderr: done.stderr ?? '' };
  if (result.code !== 0 && options.check !== false) throw new CommandFailed(argv, result);
  return result;
}
