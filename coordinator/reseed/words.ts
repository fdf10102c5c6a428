/** What a person reads before a host's data are replaced: what is given up, where it is kept, what it means meanwhile. Pure. */

import type { SeedFacts } from '../../shared/model/action-facts.ts';
import type { SavedErrant } from './errant.ts';

export interface ReseedPlan {
  readonly host: string;
  readonly primary: string;
  readonly errant: SavedErrant;
  readonly own: SeedFacts;
  readonly source: SeedFacts;
}

const MOST_LINES = 20;

export function planLines({ host, primary, errant, own, source }: ReseedPlan): readonly string[] {
  return [
    ...errantLines(host, primary, errant),
    `${host}: its data (${megabytes(own.dataBytes)}) are replaced by a copy of ${primary}'s (about ${megabytes(source.dataBytes)}; ${megabytes(own.freeBytes)} are free).`,
    `The former data stay beside the new ones until ${host} has every commit again.`,
    `${primary} serves meanwhile, alone: until then a loss of ${primary} stops the pair.`,
  ];
}

function errantLines(host: string, primary: string, errant: SavedErrant): readonly string[] {
  const { count, transactions, note, path, copy } = errant;
  const unknown =
    note === null ? [] : [`Not all of ${host}'s binary log could be read, so there may be more: ${note}`];
  if (count === 0)
    return [note === null ? `${host} has nothing that ${primary} does not have.` : '', ...unknown].filter(
      Boolean,
    );
  const shown = transactions.slice(0, MOST_LINES).map(({ gtid, statement }) => `  ${gtid}  ${statement}`);
  const more = count > shown.length ? [`  … and ${count - shown.length} more`] : [];
  return [
    `${host} has ${amount(count)} that ${primary} does not have, given up by this:`,
    ...shown,
    ...more,
    `All of it is saved in ${copy}, and on ${host} in ${path}.`,
    ...unknown,
  ];
}

/** What the name is typed in for. */
export function question({ host, primary, errant }: ReseedPlan): string {
  const loss =
    errant.count === 0
      ? `what ${host} has in place of it is given up`
      : `${amount(errant.count)} of ${host} alone ${errant.count === 1 ? 'is' : 'are'} given up`;
  return `${host} gets a copy of ${primary}'s data; ${loss}.`;
}

const amount = (count: number): string => (count === 1 ? '1 transaction' : `${count} transactions`);
const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;
