// What a test asks about a lab from outside: who reaches whom, and what a run has left on the machine.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab, LabHost } from './lab.ts';
import { runCgroup } from './paths.ts';
import { run } from './run.ts';
import { runDirectory } from './run-record.ts';

/** Whether one ping is answered within a second; `from` is an argv prefix (a station) or a host. */
export async function reaches(from: readonly string[] | LabHost, address: string): Promise<boolean> {
  const argv = ['ping', '-c', '1', '-W', '1', '-n', '-q', address];
  const answer =
    'exec' in from
      ? await from.exec(argv, { check: false })
      : await run([...from, ...argv], { check: false });
  return answer.code === 0;
}

/** Whether a command can be run over SSH from the operator's namespace, with a second for the connection. */
export async function answersSsh(lab: Lab, name: string): Promise<boolean> {
  const ssh = ['ssh', '-F', lab.sshConfig, '-o', 'ConnectTimeout=1', name, 'true'];
  return (await run([...lab.operatorArgv, ...ssh], { check: false, timeoutMs: 10_000 })).code === 0;
}

/** Everything of a run that is on the machine: namespaces, cgroup, mounts, folders, processes. */
export function tracesOf(prefix: string): string[] {
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  const folders = [runCgroup(prefix), runDirectory(prefix), join('/dev/shm', `hotpair-lab-${prefix}`)];
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return [
    ...namespaces.filter((name) => name.startsWith(`${prefix}-`)).map((name) => `netns ${name}`),
    ...folders.filter((folder) => existsSync(folder)),
    ...mounts.filter((line) => line.includes(`/${prefix}`)).map((line) => `mount ${line}`),
    ...processesNaming(prefix).map((line) => `process ${line}`),
  ];
}

function processesNaming(prefix: string): string[] {
  const naming = new RegExp(`/(runs/${prefix}|netns/${prefix}-)`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => {
      try {
        return `${pid} ${readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ')}`;
      } catch {
        return ''; // the process has ended meanwhile
      }
    })
    .filter((line) => naming.test(line));
}
