/** hotpair used in a lab as its operator would: a folder with hotpair.yaml, and the coordinator run beside the hosts. */

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Value } from 'typebox/value';
import { stringify } from 'yaml';
import { type HotpairFile, HotpairFileSchema } from '../../../shared/model/hotpair-file.ts';
import type { Lab, LabHost } from '../lab.ts';
import { type CommandResult, run } from '../run.ts';

export interface HotpairInLab {
  readonly configFile: string;
  readonly account: { readonly database: string; readonly user: string; readonly password: string };
  /** argv that runs the coordinator with these arguments in the operator's namespace. */
  argv(args: readonly string[]): string[];
  /** Runs it with --json and answers its document; throws with the document's error. */
  json(args: readonly string[], timeoutMs?: number): Promise<Record<string, unknown>>;
}

const program = fileURLToPath(new URL('../../../coordinator/main.ts', import.meta.url));
const prefix = 24;

/** Where a lab's run has its hotpair.yaml. */
export function placedHotpair(lab: Lab): string {
  return join(lab.directory, 'hotpair', 'hotpair.yaml');
}

/** argv that runs the coordinator in the operator's namespace. */
export function coordinatorArgv(lab: Lab, args: readonly string[]): string[] {
  return [...lab.operatorArgv, process.execPath, program, '--config', placedHotpair(lab), ...args];
}

/** Writes hotpair.yaml for two hosts into a folder of the lab's run; touches no host. */
export function placeHotpair(lab: Lab, hosts: readonly [LabHost, LabHost], pairName: string): HotpairInLab {
  const configFile = placedHotpair(lab);
  const folder = dirname(configFile);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const passwordFile = 'application.password';
  const account = { database: 'app', user: 'app', password: randomBytes(12).toString('hex') };
  writeFileSync(join(folder, passwordFile), `${account.password}\n`, { mode: 0o600 });
  const file: HotpairFile = {
    pairs: {
      [pairName]: {
        vip: `${lab.vip}/${prefix}`,
        hosts: Object.fromEntries(hosts.map(({ name, address }) => [name, { address, interface: 'eth0' }])),
        database: {
          application: { database: account.database, user: account.user, password_file: passwordFile },
        },
      },
    },
    coordinator: { data: 'data', ssh_config: relative(folder, lab.sshConfig) },
  };
  Value.Assert(HotpairFileSchema, file);
  writeFileSync(configFile, stringify(file), { mode: 0o600 });
  const argv = (args: readonly string[]): string[] => coordinatorArgv(lab, args);
  return {
    configFile,
    account,
    argv,
    json: async (args, timeoutMs = 180_000) =>
      documentOf(args, await run(argv([...args, '--json']), { timeoutMs, check: false })),
  };
}

function documentOf(
  args: readonly string[],
  { code, stdout, stderr }: CommandResult,
): Record<string, unknown> {
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
