/** The pair that the demo and the benchmarks deploy in a lab: its account, and commands that must succeed. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunResult, runCommand } from '../../../shared/runtime/run-command.ts';
import { coordinatorArgv, coordinatorFile, makeLabCoordinator } from '../../support/lab-coordinator.ts';
import type { Lab, LabHost } from '../lab.ts';

export interface HotpairInLab {
  readonly configFile: string;
  readonly account: { readonly database: string; readonly user: string; readonly password: string };
  /** argv that runs the coordinator with these arguments in the operator's namespace. */
  argv(args: readonly string[]): string[];
  /** Runs it with --json and answers its document; throws with the document's error. */
  json(args: readonly string[], timeoutMs?: number): Promise<Record<string, unknown>>;
}

const NAME = 'hotpair';

/** Where a lab's run has its hotpair.yaml. */
export function placedHotpair(lab: Lab): string {
  return coordinatorFile(lab, NAME);
}

/** argv that runs the coordinator of a placed hotpair. */
export function hotpairArgv(lab: Lab, args: readonly string[]): string[] {
  return coordinatorArgv(lab, NAME, args);
}

/** Writes hotpair.yaml for two hosts into a folder of the lab's run; touches no host. */
export function placeHotpair(lab: Lab, hosts: readonly [LabHost, LabHost], pairName: string): HotpairInLab {
  const folder = join(lab.directory, NAME);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwordFile = join(folder, 'application.password');
  const account = { database: 'app', user: 'app', password: randomBytes(12).toString('hex') };
  writeFileSync(passwordFile, `${account.password}\n`, { mode: 0o600 });
  const { file, argv } = makeLabCoordinator(lab, {
    name: NAME,
    pair: pairName,
    hosts: hosts.map(({ name }) => name),
    application: { database: account.database, user: account.user, passwordFile },
  });
  return {
    configFile: file,
    account,
    argv: (args) => argv(...args),
    json: async (args, timeoutMs = 180_000) =>
      documentOf(args, await runCommand(argv(...args, '--json'), { timeoutMs, check: false })),
  };
}

function documentOf(args: readonly string[], { code, stdout, stderr }: RunResult): Record<string, unknown> {
  const text = stdout.trim();
  const document: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
  if (code === 0) return document;
  const words = document['error'] === undefined ? stderr.trim() : JSON.stringify(document['error']);
  throw new Error(`coordinator ${args.join(' ')} ended with code ${code}: ${words}`);
}

/** The number of changes a deploy's document tells; NaN would hide a changed contract, so it throws. */
export function changedOf(document: Readonly<Record<string, unknown>>): number {
  const { changed } = document;
  if (typeof changed === 'number') return changed;
  throw new Error(`the deploy's document has no number "changed": ${JSON.stringify(document).slice(0, 500)}`);
}
