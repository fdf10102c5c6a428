/** Whether the guard that is being stopped is about to be started again: a restart is a stop whose job goes on to a start. */

import { runCommand } from '../../shared/runtime/run-command.ts';

const UNIT = 'hotpair-guard.service';
const LIST_MS = 1000;

export async function isRestarting(): Promise<boolean> {
  try {
    const argv = ['systemctl', 'list-jobs', '--plain', '--no-legend'];
    const { stdout } = await runCommand(argv, { timeoutMs: LIST_MS });
    return stdout.split('\n').some((line) => line.includes(UNIT) && /\b(restart|start)\b/.test(line));
  } catch {
    return false;
  }
}
