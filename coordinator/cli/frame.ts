/** What every sub-command shares: global flags, the file, output, Ctrl-C, and the one place where errors end up. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { Command, CommanderError } from 'commander';
import { AppError, toAppError } from '../../shared/errors/app-error.ts';
import { ERROR_CODES } from '../../shared/errors/codes.ts';
import type { HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { HOTPAIR_VERSION } from '../../shared/protocol/version.ts';
import { loadSpec } from '../config/load.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { watchInterrupts } from './interrupt.ts';
import { createOutput, type Output, type OutputEnd, type OutputMode } from './output.ts';

export interface Cli {
  readonly output: Output;
  /** Aborted by the first Ctrl-C or SIGTERM (reason: AppError CANCELLED); the second one ends the process hard. */
  readonly signal: AbortSignal;
  /** First word of the command line, e.g. switchover. */
  readonly command: string;
  /** Absolute path of the file: --config, else ./hotpair.yaml, else /etc/hotpair/hotpair.yaml. */
  readonly configFile: string;
  /** Throws AppError CONFIG_INVALID. */
  loadSpec(): Promise<HotpairSpec>;
  /**
   * Where there is nobody to ask (a job of the daemon): told what is to be done once everything is checked. Throws to end
   * a dry run there.
   */
  readonly approve?: (what: string) => void;
  /** The pair of that name; the only one when no name is given. Throws AppError NOT_FOUND with the names there are. */
  pair(spec: HotpairSpec, name: string | undefined): PairSpec;
}

/** Adds a sub-command. `cli` may be called only inside its action, when the flags are known. */
export type RegisterCommand = (program: Command, cli: () => Cli) => void;

const SYSTEM_FILE = '/etc/hotpair/hotpair.yaml';
const LOCAL_FILE = 'hotpair.yaml';

/** The commander program with every sub-command; used by the run and by the generated reference. */
export function createProgram(commands: readonly RegisterCommand[], cli: () => Cli): Command {
  const program = new Command('coordinator')
    .description('Deploys and watches hot-standby pairs of MariaDB hosts.')
    .version(HOTPAIR_VERSION, '-V, --version', 'print the version')
    .option('-c, --config <file>', `the file with the pairs (default: ./${LOCAL_FILE}, then ${SYSTEM_FILE})`)
    .option('--json', 'print one JSON document on stdout and nothing else')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .exitOverride();
  for (const register of commands) register(program, cli);
  return program;
}

/** Runs one command line (without node and script) and answers its exit code; never throws. */
export async function runCli(argv: readonly string[], commands: readonly RegisterCommand[]): Promise<number> {
  const output = createOutput({ mode: outputMode(argv), stdout: process.stdout, stderr: process.stderr });
  const interrupts = watchInterrupts(output);
  const program = createProgram(commands, () => createCli(program, output, interrupts.signal));
  quietUsageErrors(program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    output.finish();
    return EXIT.ok;
  } catch (thrown) {
    return reportFailure(thrown, output);
  } finally {
    interrupts.stop();
  }
}

/** The mode must be known before the command line is parsed, since errors in it are printed too. */
function outputMode(argv: readonly string[]): OutputMode {
  const end = argv.indexOf('--');
  if ((end === -1 ? argv : argv.slice(0, end)).includes('--json')) return 'json';
  return process.stdout.isTTY && process.env['TERM'] !== 'dumb' ? 'terminal' : 'plain';
}

/** commander's own words about a wrong command line are printed by reportFailure, like all other errors. */
function quietUsageErrors(command: Command): void {
  command.configureOutput({ outputError: () => undefined });
  command.exitOverride();
  for (const sub of command.commands) quietUsageErrors(sub);
}

function createCli(program: Command, output: Output, signal: AbortSignal): Cli {
  const { config } = program.opts<{ config?: string }>();
  const configFile = resolve(
    config ?? (existsSync(LOCAL_FILE) || !existsSync(SYSTEM_FILE) ? LOCAL_FILE : SYSTEM_FILE),
  );
  const [command = ''] = program.args;
  return { output, signal, command, configFile, loadSpec: () => loadSpec(configFile), pair: findPair };
}

/** `name` may be left out where there is one pair. */
export function findPair(spec: HotpairSpec, name: string | undefined): PairSpec {
  const names = spec.pairs.map((pair) => pair.name).join(', ');
  const [only, second] = spec.pairs;
  if (name === undefined && only !== undefined && second === undefined) return only;
  if (name === undefined) throw new AppError('USAGE', `There are several pairs; name one of: ${names}.`);
  const found = spec.pairs.find((pair) => pair.name === name);
  if (found === undefined)
    throw new AppError('NOT_FOUND', `There is no pair ${name}; the pairs are: ${names}.`);
  return found;
}

function reportFailure(thrown: unknown, output: OutputEnd): number {
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok; // --help and --version have printed.
  const error = thrown instanceof CommanderError ? usageError(thrown) : toAppError(thrown);
  const { remedy } = ERROR_CODES[error.code];
  output.finish({ code: error.code, message: error.message, remedy, data: error.data });
  if (output.mode !== 'json')
    output.warn(`error: ${error.message}\n  what to do: ${remedy}\n  code: ${error.code}`);
  if (process.env['HOTPAIR_LOG_LEVEL'] === 'debug') output.warn(stackOf(thrown));
  return exitCodeOf(error.code);
}

function usageError(error: CommanderError): AppError {
  const text = error.code === 'commander.help' ? 'No command was given.' : error.message;
  return new AppError('USAGE', text.replace(/^error: /, ''), { cause: error });
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
