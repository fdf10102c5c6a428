/** MariaDB GTID positions as data, and the difference of two of them. Pure. */

export interface GtidPosition {
  readonly domain: number;
  readonly server: number;
  readonly sequence: number;
}

/** In one domain, `ahead` has `by` transactions that the other has not. */
export interface GtidDifference {
  readonly domain: number;
  readonly ahead: string;
  readonly by: number;
}

/** Reads "0-1-42,101-1-3"; pieces that are no GTID are left out. https://mariadb.com/kb/en/gtid/ */
export function parseGtidPosition(text: string): GtidPosition[] {
  return text.split(',').flatMap((piece) => {
    const match = /^\s*(\d+)-(\d+)-(\d+)\s*$/.exec(piece);
    return match === null
      ? []
      : [{ domain: Number(match[1]), server: Number(match[2]), sequence: Number(match[3]) }];
  });
}

/**
 * Compares the binary log positions of two named servers, domain by domain. Sequence numbers of a domain grow by one
 * for each transaction (gtid_strict_mode), so their difference is the count of transactions that are on one side only.
 */
export function gtidDifference(
  a: { readonly name: string; readonly position: string },
  b: { readonly name: string; readonly position: string },
): GtidDifference[] {
  if (a.position === b.position) return [];
  const ofA = byDomain(a.position);
  const ofB = byDomain(b.position);
  const domains = [...new Set([...ofA.keys(), ...ofB.keys()])].sort((x, y) => x - y);
  return domains.flatMap((domain) => {
    const by = (ofA.get(domain) ?? 0) - (ofB.get(domain) ?? 0);
    return by === 0 ? [] : [{ domain, ahead: by > 0 ? a.name : b.name, by: Math.abs(by) }];
  });
}

function byDomain(text: string): Map<number, number> {
  const highest = new Map<number, number>();
  for (const { domain, sequence } of parseGtidPosition(text))
    highest.set(domain, Math.max(sequence, highest.get(domain) ?? 0));
  return highest;
}
