/** A part of a report: a table with its title and what has to be said of it. */

import type { Table } from './table.ts';

export interface Section {
  readonly title: string;
  readonly table: Table;
  readonly notes: readonly string[];
}
