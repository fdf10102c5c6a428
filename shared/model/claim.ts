/**
 * The claim on a pair, as who comes next is told of it: over the connection, and in a file of the host that an
 * installation reads before it touches anything. One line a claim: process id of the agent, time, pair, owner. A line
 * whose agent has ended claims nothing. Pure.
 */

import { AppError } from '../errors/app-error.ts';

export interface Claim {
  readonly pair: string;
  readonly owner: string;
  /** Milliseconds since the epoch on the host's clock. */
  readonly since: number;
}

export function pairBusy({ pair, owner, since }: Claim): AppError {
  return new AppError(
    'PAIR_BUSY',
    `${owner} is at work on the pair ${pair} since ${new Date(since).toISOString()}; wait until it is done.`,
    { data: { pair, owner, since } },
  );
}

export function renderClaims(pid: number, claims: readonly Claim[]): string {
  return claims
    .map(({ pair, owner, since }) => `${pid} ${since} ${pair} ${owner.replaceAll(/\s+/g, ' ')}\n`)
    .join('');
}

/** The claims of a host, by lines of renderClaims; what is not such a line is left out. */
export function parseClaims(lines: readonly string[]): (Claim & { readonly pid: number })[] {
  return lines.flatMap((line) => {
    const found = /^(\d+) (\d{1,15}) (\S+) (.+)$/.exec(line.trim());
    if (found === null) return [];
    const [, pid, since, pair = '', owner = ''] = found;
    return [{ pid: Number(pid), since: Number(since), pair, owner }];
  });
}
