/** Picks the adapters of this host. */

import { AppError } from '../../shared/errors/app-error.ts';
import { apt } from './apt.ts';
import type { OsRelease } from './os-release.ts';
import type { Platform } from './platform.ts';
import { systemd } from './systemd.ts';

const APT_SYSTEMS = new Set(['debian', 'ubuntu']);

/** Throws REFUSED for a system that has no adapter. */
export function platformFor(os: OsRelease): Platform {
  if ([os.id, ...os.like].some((id) => APT_SYSTEMS.has(id))) return { packages: apt, services: systemd };
  throw new AppError(
    'REFUSED',
    `${os.prettyName} is not supported: hotpair installs packages with apt on Debian and its relatives.`,
  );
}
