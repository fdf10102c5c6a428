/**
 * What happens to the permit when the guard has ended (ExecStopPost of its unit). Ended on purpose: no permit. About
 * to be restarted by an operator, or crashed for the first time in a while: the permit stays, because the guard is
 * back in half a second and nobody wants a failover for that. Crashed again within ten seconds: no permit.
 */

import { HOST_PATHS } from '../../shared/model/paths.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { Permit } from './permit.ts';
import { readRunFile, writeRunFile } from './run-file.ts';

const CRASH_FILE = `${HOST_PATHS.run}/guard-crashed`;
const UNIT = 'hotpair-guard.service';
export const CRASH_LOOP_MS = 10_000;

export interface GuardEnd {
  /** systemd's SERVICE_RESULT: success, exit-code, signal, core-dump, oom-kill, ... */
  readonly result: string;
  readonly restarting: boolean;
  /** Time since the crash before this one; undefined: none known. */
  readonly lastCrashMs: number | undefined;
}

export function permitStays({ result, restarting, lastCrashMs }: GuardEnd): boolean {
  if (result === 'success') return restarting;
  return lastCrashMs === undefined || lastCrashMs > CRASH_LOOP_MS;
}

export async function guardStopped(result: string): Promise<void> {
  const last = Number(readRunFile(CRASH_FILE) ?? Number.NaN);
  const lastCrashMs = Number.isNaN(last) ? undefined : Date.now() - last;
  const restarting = result === 'success' && (await isRestarting());
  if (result !== 'success') writeRunFile(CRASH_FILE, String(Date.now()));
  if (!permitStays({ result, restarting, lastCrashMs })) new Permit(HOST_PATHS.permit).set(false);
}

/** A restart is a stop whose job goes on to a start. */
async function isRestarting(): Promise<boolean> {
  try {
    const { stdout } = await runCommand(['systemctl', 'list-jobs', '--plain', '--no-legend'], {
      timeoutMs: 1000,
    });
    return stdout.split('\n').some((line) => line.includes(UNIT) && /\b(restart|start)\b/.test(line));
  } catch {
    return false;
  }
}
