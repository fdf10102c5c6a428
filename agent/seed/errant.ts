/**
 * Which transactions of a binary log the primary does not have, and how they read: over the text of mariadb-binlog, line
 * by line. Pure.
 */

import type { ErrantTransaction } from '../../shared/model/action-facts.ts';

/** The last sequence number of each server in each domain, by `domain-server`. */
export type GtidState = ReadonlyMap<string, bigint>;

const GTID = /(\d+)-(\d+)-(\d+)/g;
/** Domains above are of what hosts write on their own account: nobody else needs those rows. */
const OWN_DOMAINS = 100;

export function parseGtidState(text: string): GtidState {
  const state = new Map<string, bigint>();
  for (const [, domain, server, sequence = '0'] of text.matchAll(GTID))
    state.set(`${domain}-${server}`, BigInt(sequence));
  return state;
}

/** A server numbers its own transactions without going back: the primary has what is not after its last of that origin. */
export function isErrant(gtid: string, primary: GtidState): boolean {
  const [domain, server, sequence = '0'] = gtid.split('-');
  if (Number(domain) > OWN_DOMAINS) return false;
  return BigInt(sequence) > (primary.get(`${domain}-${server}`) ?? -1n);
}

/** What a binary log begins with: the state of the server when it was opened, or null where that is not told. */
export function parseGtidList(text: string): readonly string[] | null {
  const list = /\tGtid list \[([^\]]*)\]/.exec(text)?.[1];
  return list === undefined ? null : [...list.matchAll(GTID)].map(([gtid]) => gtid);
}

const HEAD = /^#\d{6} +\d+:\d\d:\d\d server id \d+ +end_log_pos \d+ .*\tGTID (\d+-\d+-\d+)/;

/** Lets through the lines of errant transactions, each one after its own heading. */
export function errantLines(primary: GtidState): (line: string) => readonly string[] {
  let inside = false;
  return (line) => {
    const gtid = HEAD.exec(line)?.[1];
    if (gtid !== undefined) inside = isErrant(gtid, primary);
    else if (line === '# End of log file') inside = false;
    if (!inside) return [];
    return gtid === undefined ? [line] : ['', `-- ${gtid}`, line];
  };
}

const TITLE = /^-- (\d+-\d+-\d+)$/;
/** Lines of mariadb-binlog around what somebody ran. */
const AROUND = /^(#|\/\*|SET |START TRANSACTION|BEGIN|COMMIT|ROLLBACK|DELIMITER|BINLOG|--|$)/;
const LONGEST = 300;

/** Collects the transactions of a saved file, with the first words of each: as typed, or else what became of its rows. */
export function errantSummary(most: number) {
  const found: { gtid: string; statement: string }[] = [];
  let count = 0;
  let typed = false;
  return {
    take(line: string): void {
      const gtid = TITLE.exec(line)?.[1];
      if (gtid !== undefined) {
        count += 1;
        typed = false;
        if (count <= most) found.push({ gtid, statement: '' });
        return;
      }
      const last = found.at(-1);
      if (last === undefined || typed || count > most) return;
      const words = line.startsWith('#Q> ') ? line.slice(4) : AROUND.test(line) ? '' : line;
      const rows = /^### (INSERT INTO|UPDATE|DELETE FROM) /.test(line) ? line.slice(4) : '';
      if (words !== '') typed = true;
      if (words !== '' || last.statement === '') last.statement = (words || rows).slice(0, LONGEST);
    },
    get count(): number {
      return count;
    },
    get transactions(): readonly ErrantTransaction[] {
      return found;
    },
  };
}
