/**
 * What a guard must find again after its own restart: its vote, how often it was started, whose witness it hears. Written synchronously, with
 * fsync of file and folder, because nothing that rests on it may leave before.
 */

import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Durable } from '../../shared/pair/effects.ts';
import { parseDurable, renderDurable } from '../../shared/pair/ledger-file.ts';
import { readRunFile } from './run-file.ts';
import type { GateMemory } from './voter-links/witness-gate.ts';

/** null: this host has never voted. Throws CONFIG_INVALID for a damaged file: a vote that was forgotten is no fresh one. */
export function readDurable(path: string, pair: string): Durable | null {
  const text = readRunFile(path);
  if (text === undefined) return null;
  try {
    return parseDurable(pair, text);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'CONFIG_INVALID',
      `${path} holds this host's vote and cannot be used (${words}). Bring it back from a backup, or move it away: the host then waits until its peer lets it vote again.`,
      { cause: error },
    );
  }
}

export function writeDurable(path: string, pair: string, durable: Durable): void {
  writeSynced(path, renderDurable(pair, durable));
}

/**
 * The number of this run of the guard: higher than that of every run before, whatever the wall clock does. Without a file
 * it starts at the seconds of the wall clock, which is more than any host was started.
 */
export function nextRun(path: string): number {
  const before = Number.parseInt(readRunFile(path) ?? '', 10);
  const run = Number.isSafeInteger(before) && before > 0 ? before + 1 : Math.floor(Date.now() / 1000);
  writeSynced(path, `${run}\n`);
  return run;
}

export function gateMemory(path: string): GateMemory {
  return {
    read: () => readRunFile(path)?.trim() ?? null,
    write: (fingerprint) => writeSynced(path, `${fingerprint}\n`),
  };
}

function writeSynced(path: string, content: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.new`;
  withFile(temporary, 'w', (file) => {
    writeSync(file, content);
    fsyncSync(file);
  });
  renameSync(temporary, path);
  withFile(folder, 'r', fsyncSync);
}

function withFile(path: string, flags: 'r' | 'w', use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
