/** What needs an nft of its own: whole tables, and processes that do one thing to the fence and end. */

import { AppError } from '../../../shared/errors/app-error.ts';
import { type RunResult, runCommand } from '../../../shared/runtime/run-command.ts';
import { refusal } from './nft-shell.ts';
import { REMOVE_TEXT } from './nft-tables.ts';
import { CLOSE_TEXT, LIST_TABLE_ARGV, LOAD_ARGV } from './nft-text.ts';

const DEADLINE_MS = 2000;

/** For a process that only closes: deletes the lease, if there is a fence. */
export async function closeFenceOnce(): Promise<void> {
  if ((await listTable()) !== undefined) await nftOnce(`${CLOSE_TEXT}\n`);
}

/** Takes the whole fence away: from then on the port is open. */
export async function removeFence(): Promise<void> {
  if ((await listTable()) !== undefined) await nftOnce(REMOVE_TEXT);
}

/** One transaction. */
export async function nftOnce(text: string): Promise<void> {
  const { code, stderr } = await run(LOAD_ARGV, text);
  if (code !== 0) throw refusal(stderr);
}

/** What nft says of the table; undefined when there is none. */
export async function listTable(): Promise<string | undefined> {
  const { code, stdout, stderr } = await run(LIST_TABLE_ARGV, '');
  if (code === 0) return stdout;
  if (stderr.includes('No such file or directory')) return undefined;
  throw refusal(stderr);
}

async function run(argv: readonly string[], input: string): Promise<RunResult> {
  try {
    const result = await runCommand(argv, { timeoutMs: DEADLINE_MS, check: false, input });
    if (result.code === -1) throw refusal(`nft cannot be run: ${result.stderr}`);
    return result;
  } catch (error) {
    throw error instanceof AppError && error.code === 'DEADLINE_EXCEEDED' ? refusal(error.message) : error;
  }
}
