/**
 * package-ensure: packages are installed. One run of the package manager for all that is missing, in a unit of its own
 * that survives the agent, so that an interrupted deploy does not leave packages half configured; where something else
 * did, that is finished first.
 */

import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import type { PackageFacts } from '../../shared/model/action-facts.ts';
import type { Change } from '../../shared/protocol/actions.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { withServicesHeld } from '../host/hold-services.ts';
import type { Host } from '../host/host.ts';
import { awaitPackageLock, findLockHolder, packageLocked } from '../host/package-lock.ts';
import type { CommandLine } from '../platform/platform.ts';
import { defineAction } from './action.ts';

const LOCK_MS = 60_000;
/** The package manager is never killed: half an installation is worse than a late answer. */
const RUN_MS = 30 * 60_000;

export const packageEnsure = defineAction<'package-ensure', PackageFacts>({
  resources: () => ['packages'],

  async check(host, params) {
    const manager = host.platform.packages;
    const options = { timeoutMs: 20_000, check: false };
    const answer = await host.run(manager.queryArgv(params.packages), options);
    const known = manager.parseQuery(answer.stdout);
    const complete = params.packages.every((name) => known.get(name)?.complete === true);
    const audit = complete ? null : await host.run(manager.interruptedArgv(), options);
    return {
      packages: Object.fromEntries(
        params.packages.map((name) => {
          const state = known.get(name);
          return [name, state?.complete === true ? state.version : null];
        }),
      ),
      interrupted: audit !== null && manager.parseInterrupted(audit.stdout),
    };
  },

  plan: planPackages,

  async apply(host, state, params) {
    const manager = host.platform.packages;
    const lockMs = params.lockTimeoutMs ?? LOCK_MS;
    const missing = missingOf(state);
    await awaitPackageLock(host, lockMs);
    await withServicesHeld(async () => {
      if (state.interrupted) await runManager(host, manager.repair(), lockMs);
      if (missing.length === 0) return;
      await refreshIfUnknown(host, missing, lockMs);
      host.progress(`installing ${missing.join(', ')}`);
      await runManager(host, manager.install(missing, lockMs), lockMs);
    });
  },

  facts: (state) => state,
});

export function planPackages(state: PackageFacts): readonly Change[] {
  const repair: Change[] = state.interrupted
    ? [{ subject: 'packages', summary: 'finish what an interrupted run left half done' }]
    : [];
  return [...repair, ...missingOf(state).map((name) => ({ subject: `package ${name}`, summary: 'install' }))];
}

const missingOf = (state: PackageFacts): string[] =>
  Object.entries(state.packages).flatMap(([name, version]) => (version === null ? [name] : []));

/** Fetching the lists takes seconds: only where a package has no candidate in those that are there. */
async function refreshIfUnknown(host: Host, names: readonly string[], lockMs: number): Promise<void> {
  const manager = host.platform.packages;
  const unknown = await withoutCandidate(host, names);
  if (unknown.length === 0) return;
  host.progress(`fetching the package lists, because ${unknown.join(', ')} is not in them`);
  await runManager(host, manager.refresh(), lockMs);
  const still = await withoutCandidate(host, names);
  if (still.length > 0)
    throw new AppError(
      'NOT_FOUND',
      `No package source of the host has ${still.join(', ')}; check the package sources of the host.`,
    );
}

async function withoutCandidate(host: Host, names: readonly string[]): Promise<string[]> {
  const manager = host.platform.packages;
  const answer = await host.run(manager.candidatesArgv(names), { timeoutMs: 30_000, check: false });
  const found = manager.parseCandidates(answer.stdout);
  return names.filter((name) => !found.has(name));
}

async function runManager(host: Host, command: CommandLine, lockMs: number): Promise<void> {
  const log = join(host.config.state, 'packages.log');
  await mkdir(host.config.state, { recursive: true, mode: 0o755 });
  await (await open(log, 'a', 0o600)).close();
  await truncate(log);
  const argv = host.platform.services.detached(`hotpair-packages-${Date.now()}`, command, log);
  const ended = await runCommand(argv, { timeoutMs: RUN_MS, check: false });
  if (ended.code === 0) return;
  const words = `${await readFile(log, 'utf8')}\n${ended.stderr}`.trim();
  if (host.platform.packages.isLockFailure(words))
    throw packageLocked(await findLockHolder(host.platform.packages.lockFiles), lockMs);
  const full = /No space left on device/.test(words);
  throw new AppError(
    full ? 'DISK_FULL' : 'COMMAND_FAILED',
    `${command.argv[0]} failed with exit code ${ended.code}: ${words.slice(-2000)}`,
    { data: { argv: command.argv, code: ended.code } },
  );
}
