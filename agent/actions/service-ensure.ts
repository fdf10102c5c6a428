/**
 * service-ensure: a unit runs (or not), is enabled (or not), and runs with the files that are on the disk. When it does
 * not start, the files of `rollback` go back to their previous version, it is started with those, and the error carries
 * its own last words.
 */

import { AppError } from '../../shared/errors/app-error.ts';
import type { ServiceFacts } from '../../shared/model/action-facts.ts';
import type { ActionParams, Change } from '../../shared/protocol/actions.ts';
import { assertWritablePath, readFileOrNull } from '../host/files.ts';
import type { Host } from '../host/host.ts';
import { ManagedFiles } from '../host/managed-files.ts';
import { digestOf, type KnownGood, PreviousFiles } from '../host/previous-files.ts';
import { readUnit, readUnitLog } from '../host/services.ts';
import type { UnitState } from '../platform/platform.ts';
import { defineAction } from './action.ts';

type Params = ActionParams<'service-ensure'>;

export interface ServiceState {
  readonly unit: UnitState;
  /** Files of restartIfOlderThan that the running process has not read. */
  readonly restartFor: readonly string[];
  readonly reloadFor: readonly string[];
}

const READY_MS = 30_000;
/** The kernel stamps files by a clock that can be this much behind the one that stamps processes. */
const COARSE_CLOCK_MS = 10;
const LAST_WORDS = 30;

export const serviceEnsure = defineAction<'service-ensure', ServiceState>({
  resources: (params) => [`unit:${params.unit}`],
  check: checkService,
  plan: planService,
  apply: applyService,
  facts: ({ unit, restartFor, reloadFor }): ServiceFacts => ({
    unit: unit.unit,
    active: unit.active,
    enabled: unit.enabled,
    pid: unit.pid,
    startedAt: unit.mainStartedAt === null ? null : Math.floor(unit.mainStartedAt),
    outdatedBy: [...restartFor, ...reloadFor],
  }),
});

async function checkService(host: Host, params: Params): Promise<ServiceState> {
  const unit = await readUnit(host, params.unit);
  if (unit.active !== 'active') return { unit, restartFor: [], reloadFor: [] };
  const good = await new PreviousFiles(host.config.state).readKnownGood(params.unit);
  const known = good?.invocationId === unit.invocationId ? good : null;
  const changedAt = Math.max(unit.mainStartedAt ?? 0, unit.stateChangedAt ?? 0);
  return {
    unit,
    restartFor: await newerFiles(params.restartIfOlderThan ?? [], unit.mainStartedAt ?? 0, known),
    reloadFor: await newerFiles(params.reloadIfOlderThan ?? [], changedAt, known),
  };
}

/** By content where it is known what the process started with, else by time. */
async function newerFiles(
  paths: readonly string[],
  startedAt: number,
  known: KnownGood | null,
): Promise<readonly string[]> {
  const newer: string[] = [];
  for (const path of paths) {
    const file = await readFileOrNull(path);
    const digest = known?.files[path];
    if (digest !== undefined ? digest !== digestOf(file) : isNewer(file?.mtimeMs, startedAt))
      newer.push(path);
  }
  return newer;
}

const isNewer = (mtimeMs: number | undefined, startedAt: number): boolean =>
  mtimeMs !== undefined && mtimeMs + COARSE_CLOCK_MS > startedAt;

export function planService(state: ServiceState, params: Params): readonly Change[] {
  const subject = params.unit;
  const { unit, restartFor, reloadFor } = state;
  const changes: Change[] = [];
  if (unit.needsReload) changes.push({ subject, summary: 'read its changed unit files' });
  if (params.enabled !== undefined && params.enabled !== unit.enabled)
    changes.push({ subject, summary: params.enabled ? 'enable' : 'disable' });
  if (params.running === true && unit.active !== 'active') changes.push({ subject, summary: 'start' });
  if (params.running === false && isUp(unit)) changes.push({ subject, summary: 'stop' });
  if (params.running === false || unit.active !== 'active') return changes;
  if (restartFor.length > 0) changes.push({ subject, summary: `restart for ${restartFor.join(', ')}` });
  else if (reloadFor.length > 0) changes.push({ subject, summary: `reload for ${reloadFor.join(', ')}` });
  return changes;
}

const isUp = (unit: UnitState): boolean => !['inactive', 'failed', 'absent'].includes(unit.active);

async function applyService(host: Host, state: ServiceState, params: Params): Promise<void> {
  const { unit, restartFor, reloadFor } = state;
  const manager = host.platform.services;
  if (unit.needsReload || unit.active === 'absent')
    await host.run(manager.reloadManagerArgv(), { timeoutMs: 30_000 });
  if (params.enabled !== undefined && params.enabled !== unit.enabled)
    await act(host, params.enabled ? 'enable' : 'disable', params);
  if (params.running === false) {
    if (isUp(unit)) await act(host, 'stop', params);
    return;
  }
  if (unit.active === 'active' && restartFor.length > 0) await bringUp(host, 'restart', params);
  else if (unit.active === 'active' && reloadFor.length > 0) {
    await act(host, 'reload', params);
    await rememberGood(host, params);
  } else if (params.running === true && unit.active !== 'active') await bringUp(host, 'start', params);
}

async function act(
  host: Host,
  verb: 'stop' | 'enable' | 'disable' | 'reload',
  params: Params,
): Promise<void> {
  const argv = host.platform.services.actionArgv(verb, params.unit);
  await host.run(argv, { timeoutMs: params.readyTimeoutMs ?? READY_MS });
}

async function bringUp(host: Host, verb: 'start' | 'restart', params: Params): Promise<void> {
  const failure = await tryStart(host, verb, params);
  if (failure === null) return await rememberGood(host, params);
  const words = await lastWords(host, params.unit);
  const restored = await rollBack(host, params);
  const again = restored.length === 0 ? null : await tryStart(host, 'start', params);
  const after =
    restored.length === 0
      ? 'No previous version of its files is known.'
      : `${restored.join(', ')} is back as it was, and the unit ${again === null ? 'runs with it' : 'does not start with it either'}.`;
  throw new AppError(
    params.rollback === undefined ? 'COMMAND_FAILED' : 'SERVER_START_FAILED',
    `${params.unit} did not start (${failure}). ${params.rollback === undefined ? '' : `${after} `}Its own words:\n${words.join('\n')}`,
    { data: { unit: params.unit, restored, words } },
  );
}

/** null when it is up, else why not. */
async function tryStart(host: Host, verb: 'start' | 'restart', params: Params): Promise<string | null> {
  const manager = host.platform.services;
  const timeoutMs = params.readyTimeoutMs ?? READY_MS;
  // A unit that failed too often in a short time would be refused for that alone.
  await host.run(manager.actionArgv('reset-failed', params.unit), { timeoutMs: 10_000, check: false });
  try {
    await host.run(manager.actionArgv(verb, params.unit), { timeoutMs });
  } catch (error) {
    if (host.signal.aborted) throw error;
    if (error instanceof AppError && error.code === 'DEADLINE_EXCEEDED') {
      await host.run(manager.actionArgv('stop', params.unit), { timeoutMs, check: false });
      return `it was not up within ${timeoutMs} ms`;
    }
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
  const unit = await readUnit(host, params.unit);
  return unit.active === 'active' ? null : `it is ${unit.active} after the start (${unit.result})`;
}

async function lastWords(host: Host, unit: string): Promise<readonly string[]> {
  const state = await readUnit(host, unit);
  const limits = state.invocationId === '' ? {} : { invocationId: state.invocationId };
  const records = await readUnitLog(host, [unit], LAST_WORDS, limits);
  const words = records.map((record) => record.message);
  const errors = words.filter((line) => /error|fatal|abort/i.test(line));
  return errors.length > 0 ? errors : words;
}

/** Files that differ from what the unit last came up with; without such a record, all that have a previous version. */
async function rollBack(host: Host, params: Params): Promise<readonly string[]> {
  const previous = new PreviousFiles(host.config.state);
  const good = await previous.readKnownGood(params.unit);
  const restored: string[] = [];
  for (const path of params.rollback ?? []) {
    await assertWritablePath(path, host.config.writable);
    const digest = digestOf(await readFileOrNull(path));
    const knownGood = good?.files[path];
    if (knownGood !== undefined && knownGood === digest) continue;
    if (!(await previous.restore(path))) continue;
    await new ManagedFiles(host.config.state).note(path);
    restored.push(path);
  }
  return restored;
}

async function rememberGood(host: Host, params: Params): Promise<void> {
  const unit = await readUnit(host, params.unit);
  const paths = new Set([
    ...(params.rollback ?? []),
    ...(params.restartIfOlderThan ?? []),
    ...(params.reloadIfOlderThan ?? []),
  ]);
  const files: Record<string, string | null> = {};
  for (const path of paths) files[path] = digestOf(await readFileOrNull(path));
  await new PreviousFiles(host.config.state).writeKnownGood(params.unit, {
    invocationId: unit.invocationId,
    files,
  });
}
