/** Whether keepalived runs: its pid file and the process behind it. Reads two small files, starts nothing. */

import { readRunFile } from './run-file.ts';

const PID_FILES = ['/run/keepalived.pid', '/run/keepalived/keepalived.pid'] as const;

export function keepalivedRuns(): boolean {
  return PID_FILES.some((path) => {
    const pid = Number(readRunFile(path)?.trim());
    return pid > 1 && readRunFile(`/proc/${pid}/comm`)?.trim() === 'keepalived';
  });
}
