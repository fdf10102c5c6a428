// SSH into the hosts: one key pair a run, a known_hosts of its own, and an ssh_config the coordinator can be given.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

export function sshConfigPath(directory: string): string {
  return join(directory, 'ssh_config');
}

/** Makes the run's key and ssh_config; returns the public key. */
export async function createSshAccess(
  directory: string,
  hosts: ReadonlyMap<string, string>,
): Promise<string> {
  const key = join(directory, 'id_ed25519');
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab', '-f', key]);
  const names = [...hosts].map(([name, address]) => `Host ${name}\n  HostName ${address}\n`);
  const common = [
    'Host *',
    '  User root',
    `  IdentityFile ${key}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${join(directory, 'known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '  StrictHostKeyChecking accept-new',
    '  BatchMode yes',
    '  ConnectTimeout 5',
  ];
  writeFileSync(sshConfigPath(directory), `${names.join('')}${common.join('\n')}\n`);
  return readFileSync(`${key}.pub`, 'utf8');
}

/** Puts the host's own key and the run's authorized key into the host's seed layer. */
export async function seedSsh(seed: string, publicKey: string): Promise<void> {
  mkdirSync(join(seed, 'etc/ssh'), { recursive: true });
  const hostKey = join(seed, 'etc/ssh/ssh_host_ed25519_key');
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'lab-host', '-f', hostKey]);
  mkdirSync(join(seed, 'root/.ssh'), { recursive: true, mode: 0o700 });
  writeFileSync(join(seed, 'root/.ssh/authorized_keys'), publicKey, { mode: 0o600 });
}
