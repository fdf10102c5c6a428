/** From single measurements of commits to what each thing that makes them safe costs. Pure. */

import type { CommitsDocument, CommitsResult } from '../commits.ts';
import { middleOf } from '../statistics.ts';
import type { Table } from '../table.ts';
import { type CommitsDisk, steps, type VariantName, variantNames, variants } from './variants.ts';

export interface Price {
  readonly what: string;
  /** Fewer commits a second than without it, in percent; above 0 it costs. Of each round: median, least and most. */
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Two variants of the same round are minutes apart at most: only they are compared. */
export function pricesOf(results: readonly CommitsResult[]): Price[] {
  const rounds = [...Map.groupBy(results, ({ round }) => round).values()];
  return steps.flatMap(({ what, dear, cheap }) => {
    const fewer = rounds.flatMap((round) => {
      const rate = (name: VariantName) => round.find(({ variant }) => variant === name)?.commitsPerSecond;
      const [with_, without] = [rate(dear), rate(cheap)];
      return with_ === undefined || without === undefined ? [] : [100 * (1 - with_ / without)];
    });
    if (fewer.length === 0) return [];
    return [{ what, median: middleOf(fewer), least: Math.min(...fewer), most: Math.max(...fewer) }];
  });
}

export function commitsTable(results: readonly CommitsResult[]): Table {
  return {
    head: [
      'the pair',
      'runs',
      'commits/s, median',
      'latency, median',
      'p95',
      'machine busy',
      'guards, % of a core',
    ],
    rows: variantNames.flatMap((name) => {
      const own = results.filter(({ variant }) => variant === name);
      if (own.length === 0) return [];
      const middle = (pick: (one: CommitsResult) => number): number => middleOf(own.map(pick));
      const row = [
        variants[name].title,
        String(own.length),
        middle(({ commitsPerSecond }) => commitsPerSecond).toFixed(0),
        `${middle(({ medianMs }) => medianMs).toFixed(2)} ms`,
        `${middle(({ p95Ms }) => p95Ms).toFixed(2)} ms`,
        `${middle(({ busyPercent }) => busyPercent).toFixed(0)} %`,
        middle(({ guardsPercent }) => guardsPercent).toFixed(1),
      ];
      return [row];
    }),
  };
}

const diskWords: Readonly<Record<CommitsDisk, string>> = {
  folder: "The hosts' disks are folders of the machine's own file system: a sync reaches its disk.",
  memory: "The hosts' disks are in memory: a sync costs what the processor costs.",
};

export function commitsNotes({ disk, results, failed }: CommitsDocument): string[] {
  const signed = (value: number): string => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(1)}`;
  const prices = pricesOf(results).map(
    ({ what, median, least, most }) => `${what} ${signed(median)} % (${signed(least)} to ${signed(most)})`,
  );
  return [
    `Fewer commits a second because of it, median of all rounds (least to most): ${prices.join(', ')}.`,
    `${diskWords[disk]} Both hosts, the witness and the load share the processors, so both guards' and the witness's work is in the price of the guards: an upper bound for one host.`,
    ...failed.map(({ round, variant, reason }) => `Not measured: round ${round}, ${variant}: ${reason}`),
  ];
}

export function commitsTitle({ connections, seconds, tables, rows }: CommitsDocument): string {
  return `Commits when nothing happens: ${connections} connections write to ${tables} tables of ${rows} rows for ${seconds} s a run`;
}
