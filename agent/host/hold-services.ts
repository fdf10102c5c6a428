/**
 * Keeps packages from starting their services while hotpair installs them: the services get their configuration first.
 * invoke-rc.d and deb-systemd-invoke ask /usr/sbin/policy-rc.d; hotpair's answers "no" only to processes with its own
 * environment variable, so a file that a crash left behind changes nothing for anybody else.
 */

import { chmod, writeFile } from 'node:fs/promises';
import { HOLD_SERVICES } from '../platform/apt.ts';
import { errorCode, readTextOrNull, removeFile } from './files.ts';

const POLICY = '/usr/sbin/policy-rc.d';
const TEXT = `#!/bin/sh
# hotpair: services are started after they are configured. Without effect for anyone else; may be deleted.
[ -n "$${HOLD_SERVICES}" ] && exit 101
exit 0
`;

/** A policy of the administrator's own stays, and then services start as it says. */
export async function withServicesHeld<T>(work: () => Promise<T>): Promise<T> {
  const mine = await placePolicy();
  try {
    return await work();
  } finally {
    if (mine) await removeFile(POLICY);
  }
}

async function placePolicy(): Promise<boolean> {
  try {
    await writeFile(POLICY, TEXT, { flag: 'wx', mode: 0o755 });
    await chmod(POLICY, 0o755); // The process's umask can have taken bits away.
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return (await readTextOrNull(POLICY)) === TEXT;
  }
}
