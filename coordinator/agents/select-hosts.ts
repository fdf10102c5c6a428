/** Finds the hosts that a command line names among all pairs of the file. Pure. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { HostSpec, HotpairSpec, PairSpec } from '../../shared/model/pair-spec.ts';

export interface SelectedHost {
  readonly pair: PairSpec;
  readonly host: HostSpec;
}

/**
 * The named hosts in the order of the file, every host where none is named; `pairName` narrows it to one pair.
 * Throws NOT_FOUND with the names there are, and USAGE for a name that several pairs have.
 */
export function selectHosts(
  spec: HotpairSpec,
  names: readonly string[],
  pairName: string | undefined,
): SelectedHost[] {
  const pairs = spec.pairs.filter((pair) => pairName === undefined || pair.name === pairName);
  if (pairs.length === 0) {
    const known = spec.pairs.map((pair) => pair.name).join(', ');
    throw new AppError('NOT_FOUND', `There is no pair ${pairName}; the pairs are: ${known}.`);
  }
  const all = pairs.flatMap((pair) => pair.hosts.map((host) => ({ pair, host })));
  for (const name of names) checkName(name, all);
  return names.length === 0 ? all : all.filter(({ host }) => names.includes(host.name));
}

function checkName(name: string, all: readonly SelectedHost[]): void {
  const found = all.filter(({ host }) => host.name === name);
  if (found.length === 1) return;
  if (found.length === 0) {
    const known = [...new Set(all.map(({ host }) => host.name))].join(', ');
    throw new AppError('NOT_FOUND', `There is no host ${name}; the hosts are: ${known}.`);
  }
  const pairs = found.map(({ pair }) => pair.name).join(', ');
  throw new AppError('USAGE', `Several pairs have a host ${name} (${pairs}): say which with --pair.`);
}
