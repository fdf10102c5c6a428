/** Identity of the agent that this coordinator puts onto hosts: the release, and the hash of the bundle behind a plus sign. */

import { buildAgentBundle } from '../../install/bundle.ts';

/** "0.1.0+3f2a9c01d4e5" -> "0.1.0": builds of one release speak with each other. */
export function releaseOf(version: string): string {
  return version.split('+', 1)[0] ?? version;
}

export function sameRelease(one: string, other: string): boolean {
  return releaseOf(one) === releaseOf(other);
}

/** The build that a deploy wants on the hosts, made first where sources have changed since the last time. */
export async function wantedBuild(): Promise<string> {
  const { version } = await buildAgentBundle();
  return version;
}
