/**
 * The system's OpenSSH client: argument vectors, and one connection that several commands share (ControlMaster). ssh asks
 * nothing (BatchMode); keys, jump hosts and the like come from the operator's own configuration.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../../shared/errors/app-error.ts';
import { HOST_COMMANDS, type HostCommand } from './host-commands.ts';
import { explainSshFailure } from './ssh-error.ts';

export interface SshTarget {
  /** Name of the host in hotpair.yaml, for messages. */
  readonly name: string;
  /** What ssh gets as destination, e.g. root@10.88.0.11. */
  readonly destination: string;
  /** ssh_config file (ssh -F); null is ssh's own. */
  readonly configFile: string | null;
}

const OPTIONS = [
  'BatchMode=yes',
  'ConnectTimeout=10',
  'ServerAliveInterval=5',
  'ServerAliveCountMax=3',
  'LogLevel=ERROR',
  'RequestTTY=no',
  'RemoteCommand=none',
  'PermitLocalCommand=no',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ControlMaster=auto',
  // A coordinator that is killed leaves no connection behind for longer than this.
  'ControlPersist=30',
];

/** argv of one command on a host; the command itself is one of the constants of host-commands.ts. */
export function sshArgv(target: SshTarget, controlPath: string, command: HostCommand): string[] {
  return [...baseArgv(target, controlPath), '--', target.destination, HOST_COMMANDS[command]];
}

/** argv that ends the shared connection. */
export function sshExitArgv(target: SshTarget, controlPath: string): string[] {
  return [...baseArgv(target, controlPath), '-O', 'exit', '--', target.destination];
}

function baseArgv(target: SshTarget, controlPath: string): string[] {
  const file = target.configFile === null ? [] : ['-F', target.configFile];
  const options = [...OPTIONS, `ControlPath=${controlPath}`].flatMap((option) => ['-o', option]);
  return ['ssh', ...file, ...options];
}

export interface SshRunOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly input?: AsyncIterable<Uint8Array>;
}

export interface SshConnection {
  /** Runs a command to its end and answers its standard output. Throws SSH_FAILED, HOST_KEY_CHANGED, DISK_FULL, COMMAND_FAILED, DEADLINE_EXCEEDED or CANCELLED. */
  run(command: HostCommand, options: SshRunOptions): Promise<string>;
  /** Starts a command that is talked with. */
  start(command: HostCommand, options: SshRunOptions): SshProcess;
  close(): Promise<void>;
}

export interface SshProcess {
  readonly stdin: ChildProcessWithoutNullStreams['stdin'];
  readonly stdout: ChildProcessWithoutNullStreams['stdout'];
  /** Settles when it has ended; rejects as run does. */
  readonly ended: Promise<void>;
}

/** Nothing is connected until the first command. */
export async function openSsh(target: SshTarget): Promise<SshConnection> {
  const controlPath = join(await socketFolder(), randomBytes(6).toString('hex'));
  const start = (command: HostCommand, options: SshRunOptions): SshProcess =>
    startSsh(target, sshArgv(target, controlPath, command), command, options);
  return {
    start,
    async run(command, options) {
      const child = start(command, options);
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      const fed = feed(child, options.input);
      await child.ended;
      await fed;
      return Buffer.concat(chunks).toString('utf8');
    },
    async close() {
      await endQuietly(sshExitArgv(target, controlPath));
      await rm(controlPath, { force: true });
    },
  };
}

/**
 * Folder of the connections' sockets, whose paths have to be short (108 bytes): one a user, that nobody else enters. ssh
 * removes a socket when its connection ends, so a coordinator that is killed leaves nothing.
 */
export async function socketFolder(): Promise<string> {
  const uid = process.getuid?.() ?? 0;
  const path = join(tmpdir(), `hotpair-ssh-${uid}`);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return path;
  // Somebody else was there first with this name: a fresh name cannot be guessed.
  return mkdtemp(`${path}-`);
}

/** A program that stops reading says why by its own exit; that is the error to tell, not the broken pipe. */
async function feed(child: SshProcess, input: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  if (input === undefined) {
    child.stdin.end();
    return;
  }
  await pipeline(Readable.from(input, { objectMode: false }), child.stdin).catch(() => undefined);
}

const MAX_STDERR = 16_384;

function startSsh(
  target: SshTarget,
  argv: readonly string[],
  command: HostCommand,
  options: SshRunOptions,
): SshProcess {
  const [file = 'ssh', ...args] = argv;
  const child = spawn(file, args, { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-MAX_STDERR);
  });
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    const stop = (error: AppError): void => {
      reject(error);
      child.kill('SIGTERM');
    };
    const cancel = (): void => stop(new AppError('CANCELLED', `The work on ${target.name} was cancelled.`));
    const timer = setTimeout(() => stop(overdue(target, command, options.timeoutMs)), options.timeoutMs);
    if (options.signal?.aborted) cancel();
    options.signal?.addEventListener('abort', cancel, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', cancel);
    };
    child.once('error', (error) => {
      settle();
      reject(explainSshFailure(target, command, { code: -1, stderr: error.message }));
    });
    child.once('close', (code) => {
      settle();
      if (code === 0) resolve();
      else reject(explainSshFailure(target, command, { code: code ?? -1, stderr }));
    });
  });
  // Whoever starts it awaits `ended` a little later; until then a failure is not an unhandled one.
  ended.catch(() => undefined);
  return { stdin: child.stdin, stdout: child.stdout, ended };
}

const overdue = (target: SshTarget, command: HostCommand, timeoutMs: number): AppError =>
  new AppError(
    'DEADLINE_EXCEEDED',
    `${target.name} did not finish "${command}" over ssh within ${timeoutMs} ms.`,
    { data: { host: target.name, command } },
  );

function endQuietly(argv: readonly string[]): Promise<void> {
  const [file = 'ssh', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'ignore' });
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
}
