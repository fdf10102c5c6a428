// Runs as a process of its own inside a fresh mount namespace: joins a cgroup, prepares mounts that vanish with the
// process, then becomes the program asked for. argv[2] is a LaunchPlan in JSON.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface LaunchPlan {
  /** cgroup2 folder to join before anything else, so that its cgroup.kill ends everything started here. */
  readonly cgroup?: string;
  readonly folders: readonly string[];
  /** Commands that prepare the mount namespace, in order; the first that fails ends the launch. */
  readonly prepare: readonly (readonly string[])[];
  readonly exec: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** argv that carries a plan out. The namespace is a slave: an unmount outside (a removed netns) reaches it too. */
export function launchArgv(plan: LaunchPlan): string[] {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', fileURLToPath(import.meta.url)];
  return ['unshare', '--mount', '--propagation', 'slave', '--', ...node, JSON.stringify(plan)];
}

function launch(plan: LaunchPlan): void {
  if (plan.cgroup !== undefined) {
    mkdirSync(plan.cgroup, { recursive: true });
    writeFileSync(join(plan.cgroup, 'cgroup.procs'), String(process.pid));
  }
  const env = { PATH: systemPath, LC_ALL: 'C.UTF-8', ...plan.env };
  for (const folder of plan.folders) mkdirSync(folder, { recursive: true });
  for (const [file = '', ...args] of plan.prepare) {
    const done = spawnSync(file, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
    if (done.status !== 0) throw new Error(`${[file, ...args].join(' ')} ended with code ${done.status}`);
  }
  const [file = '', ...args] = plan.exec;
  const path = systemPath
    .split(':')
    .map((folder) => join(folder, file))
    .find((candidate) => existsSync(candidate));
  process.execve?.(path ?? file, [file, ...args], env);
}

if (import.meta.main) launch(JSON.parse(process.argv[2] ?? '') as LaunchPlan);
