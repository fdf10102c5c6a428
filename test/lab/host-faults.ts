// Faults of a host itself: frozen as a whole, processes that die or hang, a disk that is full or does not answer.
import { readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPopulated, pidsIn } from './cgroup.ts';
import type { NspawnHost } from './host.ts';
import { outsideArgv } from './own-disk.ts';
import { run } from './run.ts';

const freezeTimeoutMs = 10_000;
const filler = '/var/lib/lab-filler';
const writtenToTheEnd = 8 * 1024 ** 2;

/** Stops or resumes every process of the host; its kernel goes on answering ping, ARP and TCP handshakes. */
export async function setFrozen({ name, layout }: NspawnHost, frozen: boolean): Promise<void> {
  const wanted = `frozen ${frozen ? 1 : 0}`;
  writeFileSync(join(layout.cgroup, 'cgroup.freeze'), frozen ? '1' : '0');
  const deadline = performance.now() + freezeTimeoutMs;
  while (!readFileSync(join(layout.cgroup, 'cgroup.events'), 'utf8').includes(wanted)) {
    if (performance.now() > deadline)
      throw new Error(`${name} is not "${wanted}" after ${freezeTimeoutMs} ms`);
    await sleep(2);
  }
}

export type ProcessSignal = 'SIGKILL' | 'SIGSTOP' | 'SIGCONT';

/** Signals one process (a pid as the host counts) or every process of a unit. */
export async function signalProcess(
  host: NspawnHost,
  target: string | number,
  signal: ProcessSignal,
): Promise<void> {
  if (typeof target === 'number') {
    await host.exec(['kill', '-s', signal.slice('SIG'.length), String(target)]);
    return;
  }
  if (signal === 'SIGKILL') {
    killUnit(host, target);
    return;
  }
  await host.exec(['systemctl', 'kill', '--kill-whom=all', `--signal=${signal}`, target]);
}

/** All at once, by the kernel: systemd would take a tenth of a second and tell each thread's name. */
function killUnit({ name, layout }: NspawnHost, unit: string): void {
  const cgroup = join(layout.cgroup, 'payload/system.slice', unit);
  if (!isPopulated(cgroup)) throw new Error(`${unit} has no process on ${name}`);
  writeFileSync(join(cgroup, 'cgroup.kill'), '1');
}

/** Resumes every process of the host that a SIGSTOP has stopped. */
export function continueStopped({ layout }: NspawnHost): void {
  for (const pid of pidsIn(layout.cgroup)) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      if (stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')) process.kill(pid, 'SIGCONT');
    } catch {
      // the process has ended meanwhile
    }
  }
}

/** Writes the host's own disk full to the last block. */
export async function fillDisk(host: NspawnHost): Promise<void> {
  requireOwnDisk(host, 'filled');
  const { bavail, bsize } = statfsSync(`${host.root}/var/lib`);
  const most = bavail * bsize - writtenToTheEnd;
  // Nearly all at once, without writing it, so that the disk is full within a moment; then up to the last block.
  if (most > 0) await host.exec(['fallocate', `--length=${most}`, filler], { check: false });
  for (const blockSize of ['1M', '4k']) {
    const append = ['oflag=append', 'conv=notrunc,fsync', `bs=${blockSize}`, 'status=none'];
    await host.exec(['dd', 'if=/dev/zero', `of=${filler}`, ...append], { check: false }); // ends with ENOSPC
  }
}

export async function freeDisk(host: NspawnHost): Promise<void> {
  await host.exec(['rm', '-f', filler]);
}

/** Blocks every write to the host's own disk (processes that write wait in the kernel) until it is thawed. */
export async function setDiskHung(host: NspawnHost, hung: boolean): Promise<void> {
  requireOwnDisk(host, 'hung');
  const outside = outsideArgv(host.layout.cgroup);
  if (outside === undefined) throw new Error(`host ${host.name} is off: boot it first`);
  await run([...outside, 'fsfreeze', hung ? '--freeze' : '--unfreeze', host.layout.disk], {
    check: hung,
  });
}

function requireOwnDisk({ name, ownDisk }: NspawnHost, what: string): void {
  if (!ownDisk) throw new Error(`${name}'s disk cannot be ${what}: start the lab with disk: { loopMb: 200 }`);
}
