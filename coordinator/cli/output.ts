/**
 * What a command says. Three modes: `terminal` (colours, live progress), `plain` (pipes and files: no escape codes)
 * and `json` (one document on stdout, nothing else there).
 */

import { styleText } from 'node:util';
import { createProgress, type Progress } from './progress.ts';
import { createScreen, type Screen, type TextStream } from './screen.ts';
import { widthOf, wrapWords } from './wrap-words.ts';

export type OutputMode = 'terminal' | 'plain' | 'json';

type Paint = (text: string) => string;
export type Style = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', Paint>>;

export interface Output {
  readonly mode: OutputMode;
  /**
   * Text for people; nothing in json mode. A terminal gets it broken between words; what follows a break is indented by
   * `hanging`, by default as far as the line itself is.
   */
  line(text?: string, hanging?: number): void;
  /** Aligned columns; the first row is the heading. Nothing in json mode. */
  table(rows: readonly (readonly string[])[]): void;
  /** The one document of json mode, written when the command ends (an error joins it as `error`); ignored otherwise. */
  result(document: unknown): void;
  /** For commands that follow something: one document a line, at once, in json mode; ignored otherwise. */
  record(document: unknown): void;
  /** Standard error, in every mode. */
  warn(text: string): void;
  progress(): Progress;
  /** Colours on a terminal, the text itself elsewhere. */
  readonly style: Style;
}

/** What the frame needs besides: the end of the run. */
export interface OutputEnd extends Output {
  /** Writes the json document; `error` is what the run failed with. */
  finish(error?: unknown): void;
}

export interface OutputOptions {
  readonly mode: OutputMode;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
}

export function createOutput({ mode, stdout, stderr }: OutputOptions): OutputEnd {
  const screen = createScreen(stdout, stderr);
  const style = createStyle(mode === 'terminal');
  const line = (text = '', hanging?: number): void => {
    if (mode === 'json') return;
    const clean = printable(text);
    screen.print(mode === 'terminal' ? wrapped(clean, screen.columns, hanging) : clean);
  };
  return {
    mode,
    style,
    line,
    table: (rows) => {
      const last = lastColumnOf(rows);
      for (const row of alignColumns(rows)) line(row, last);
    },
    warn: (text) => screen.printError(printable(text)),
    progress: () => createProgress({ mode, screen, style }),
    ...createDocument(mode, screen, stdout),
  };
}

function createDocument(mode: OutputMode, screen: Screen, stdout: TextStream) {
  let held: unknown;
  let recorded = false;
  return {
    result: (document: unknown): void => {
      held = document;
    },
    record: (document: unknown): void => {
      if (mode !== 'json') return;
      recorded = true;
      screen.print(JSON.stringify(document));
    },
    finish: (error?: unknown): void => {
      screen.close();
      if (mode !== 'json') return;
      if (recorded && error === undefined && held === undefined) return;
      const document = error === undefined ? (held ?? {}) : { ...asObject(held), error };
      screen.print(JSON.stringify(document, null, stdout.isTTY === true ? 2 : undefined));
    },
  };
}

function asObject(value: unknown): object {
  if (value === undefined || value === null) return {};
  return typeof value === 'object' && !Array.isArray(value) ? value : { result: value };
}

function createStyle(on: boolean): Style {
  const paint =
    (name: keyof Style): Paint =>
    (text) =>
      on ? styleText(name, text, { validateStream: false }) : text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    cyan: paint('cyan'),
  };
}

/** Words of hosts and servers are printed too: control characters go, but for line ends, tabs and colours. */
export function printable(text: string): string {
  return text.replace(/(\p{Cc}\[[0-9;]*m)|\p{Cc}/gu, (found: string) =>
    found === '\n' || found === '\t' || (found.startsWith('\u001b') && found.length > 1) ? found : '',
  );
}

function wrapped(text: string, columns: number, hanging?: number): string {
  return text
    .split('\n')
    .map((line) => wrapWords(line, columns, hanging ?? /^ */.exec(line)?.[0].length ?? 0))
    .join('\n');
}

/** Where the last column begins. */
function lastColumnOf(rows: readonly (readonly string[])[]): number {
  return columnWidths(rows)
    .slice(0, -1)
    .reduce((sum, width) => sum + width + GAP, 0);
}

const GAP = 2;

function columnWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  return widths;
}

/** Pads every column but the last to its widest cell; two blanks between columns. Pure. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)),
      )
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}
