/** Keeps measured results in bench/results, and writes docs/benchmarks.md out of them: no figure is typed by hand. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.ts';
import { measuringNames } from './options.ts';
import { type BenchDocument, sectionsOf } from './report.ts';
import { renderMarkdown } from './table.ts';

export type KeptResult = BenchDocument & {
  readonly machine: Machine;
  readonly measuredAt: string;
  /** Faults that an earlier run measured and this one did not, and when that was. */
  readonly earlier?: Readonly<Record<string, string>>;
};

/** In the order of the document; the table of faults, which `npm run faults` measures, comes after the first. */
const order: readonly string[] = (measuringNames as readonly string[]).toSpliced(1, 0, 'faults');
const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const documentPath = pathOf('../docs/benchmarks.md');

export function saveResult(result: KeptResult): void {
  mkdirSync(pathOf('./results/'), { recursive: true });
  const previous = readResults().find(({ bench }) => bench === result.bench);
  const kept = previous === undefined ? result : withEarlier(previous, result);
  writeFileSync(pathOf(`./results/${result.bench}.json`), `${JSON.stringify(kept, null, 1)}\n`);
  writeDocument();
}

/** A run of some faults leaves what is known of the others; anything else takes the place of the last. Pure. */
export function withEarlier(previous: KeptResult, result: KeptResult): KeptResult {
  if (previous.bench === 'failover' && result.bench === 'failover') return joinFailover(previous, result);
  if (previous.bench === 'faults' && result.bench === 'faults') return joinFaults(previous, result);
  return result;
}

type Kept<Name extends KeptResult['bench']> = Extract<KeptResult, { readonly bench: Name }>;

function joinFailover(previous: Kept<'failover'>, result: Kept<'failover'>): KeptResult {
  const measured = new Set<string>(result.results.map(({ fault }) => fault));
  const left = previous.results.filter(({ fault }) => !measured.has(fault));
  const cutAgain = result.cuts.length > 0;
  const faults = [
    ...left.map(({ fault }) => fault),
    ...(cutAgain || previous.cuts.length === 0 ? [] : ['cut']),
  ];
  return {
    ...result,
    results: [...left, ...result.results],
    cuts: cutAgain ? result.cuts : previous.cuts,
    ...earlierOf(previous, faults),
  };
}

function joinFaults(previous: Kept<'faults'>, result: Kept<'faults'>): KeptResult {
  const measured = new Set(result.lines.map(({ id }) => id));
  const left = previous.lines.filter(({ id }) => !measured.has(id));
  const lines = [...left, ...result.lines].sort((one, other) =>
    one.id.localeCompare(other.id, 'en', { numeric: true }),
  );
  return {
    ...result,
    lines,
    ...earlierOf(
      previous,
      left.map(({ id }) => id),
    ),
  };
}

/** When each of these faults of an earlier result was measured. */
function earlierOf(previous: KeptResult, faults: readonly string[]): Pick<KeptResult, 'earlier'> {
  if (faults.length === 0) return {};
  const dates = faults.map((fault) => [fault, previous.earlier?.[fault] ?? previous.measuredAt]);
  return { earlier: Object.fromEntries(dates) };
}

export function readResults(): KeptResult[] {
  return order
    .map((name) => pathOf(`./results/${name}.json`))
    .filter((path) => existsSync(path))
    .map((path): KeptResult => JSON.parse(readFileSync(path, 'utf8')));
}

export function writeDocument(): void {
  writeFileSync(documentPath, renderDocument(readResults()));
}

const introduction = `# Benchmarks

Written by \`npm run bench -- docs\` from the results in \`bench/results\`; every figure below was measured.
The hosts are the lab's: real systemd, MariaDB and keepalived of Debian 12 in containers on one machine, so network
delays are near zero and the processor is shared by all hosts and the clients.

- **Outage** is what a client sees: the longest time without an acknowledged write from the fault until the host is
  given back (connect timeout 300 ms, statement timeout 500 ms, next attempt after 20 ms).
- **Stall at return** is the same from the moment the host is given back (a killed server is its own pair's to start:
  there the outage covers the return).
- **Lost** are acknowledged rows that a node lacks in the end; **missing at takeover** are acknowledged rows that the new
  primary did not have when it began to serve.
- **Whole again** is the time from the fault until both servers answer, rows arrive in every direction that they should,
  and exactly one host has the VIP; "by hand": not within 10 s, somebody had to help.
- **how-to** is the classic recipe's own configuration on hosts of the same lab in the same run: asynchronous dual
  master, both writable, \`slave-skip-errors=all\`, keepalived with a TCP check every 2 s and \`advert_int 1\`.
- A **hung server** still has a kernel that answers TCP connections, so the how-to's check sees nothing until the
  clients that try again have filled the accept queue; with fewer or more patient clients that takes longer.

To measure again: \`npm run bench -- failover --runs 10 --save\`, \`npm run bench -- deploy --save\`,
\`npm run bench -- idle --save\`, \`npm run bench -- commits --save\`, \`npm run bench -- pairs --save\`,
\`npm run bench -- rest --save\`, \`npm run bench -- console --save\`,
\`npm run faults -- --runs 20 --save\`.
`;

/** What was measured before is of a guard that followed VRRP, without votes, lease and fence. */
const votingSince = Date.parse('2026-11-22T20:09:44Z');

function measuredLine({ machine, measuredAt, earlier = {} }: KeptResult): string {
  const beforeThatDay = Object.entries(earlier).filter(
    ([, at]) => at.slice(0, 10) !== measuredAt.slice(0, 10),
  );
  const byDay = Map.groupBy(beforeThatDay, ([, at]) => at.slice(0, 10));
  const others = [...byDay].map(([day, faults]) => `${faults.map(([fault]) => fault).join(', ')} ${day}`);
  const dates = [measuredAt.slice(0, 10), ...others].join('; ');
  const line = `Measured ${dates} on ${machine.cpus}, ${machine.memoryGb} GB, Linux ${machine.kernel}`;
  return Date.parse(measuredAt) < votingSince
    ? `${line}, with **a guard that followed VRRP**: the one that votes has not been measured in this yet.`
    : `${line}.`;
}

/** Pure. */
export function renderDocument(results: readonly KeptResult[]): string {
  const sections = results.flatMap((result) => [
    ...sectionsOf(result).map(({ title, table, notes }) =>
      [`## ${title}`, '', renderMarkdown(table), ...notes.flatMap((note) => ['', note])].join('\n'),
    ),
    measuredLine(result),
  ]);
  return `${[introduction.trimEnd(), ...sections].join('\n\n')}\n`;
}
