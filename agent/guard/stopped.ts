/**
 * What follows the end of the guard (ExecStopPost of its unit). About to be restarted by an operator, or crashed for
 * the first time in a while: nothing, because the guard is back in half a second and nobody wants a failover for that.
 * Ended on purpose, or crashed again within ten seconds: no permit, and no writable server that nobody watches.
 */

import { HOST_PATHS } from '../../shared/model/paths.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { runCommand } from '../../shared/runtime/run-command.ts';
import { readGuardConfig } from './config.ts';
import { type DatabaseLink, openLink } from './database-link.ts';
import { Permit } from './permit.ts';
import { demote } from './role.ts';
import { readRunFile, writeRunFile } from './run-file.ts';
import { ServerControl } from './server-control.ts';

const CRASH_FILE = `${HOST_PATHS.run}/guard-crashed`;
const UNIT = 'hotpair-guard.service';
const CRASH_LOOP_MS = 10_000;
const CONNECT_MS = 1000;

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
  if (permitStays({ result, restarting, lastCrashMs })) return;
  new Permit(HOST_PATHS.permit).set(false);
  await closeServer();
}

/** The peer does not open while this server is writable. */
async function closeServer(): Promise<void> {
  const { database } = readGuardConfig(HOST_PATHS.guardConfig);
  const control = new ServerControl(database.unit, createLogger('guard'));
  const killServer = (): Promise<void> => control.kill();
  let link: DatabaseLink;
  try {
    link = await openLink({ socket: database.socket }, CONNECT_MS);
  } catch {
    return; // A server that is down is closed.
  }
  const [row] = await link.query('SELECT @@global.read_only AS readOnly', CONNECT_MS);
  if (Number(row?.['readOnly']) === 0)
    await demote(link, { replicationUser: database.replicationUser, killServer });
  link.destroy();
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
