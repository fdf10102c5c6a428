/** The table as the cases that a completion script tells apart, the same for every shell. Pure. */

import type { Choice, CommandRow, Described, OptionRow } from './table.ts';

export interface ShellCases {
  /** Every command with what stands before it: "coordinator token create". */
  readonly paths: readonly string[];
  /** Options that take the next word: "COMMAND:OPTION". */
  readonly valued: readonly string[];
  /** What may come: of "COMMAND:OPTION", or of "COMMAND:PLACE" counted from 0. A star means all. */
  readonly choices: readonly { readonly key: string; readonly choice: Choice }[];
  readonly commands: readonly {
    readonly command: string;
    readonly subcommands: readonly Described[];
    readonly options: readonly Described[];
  }[];
}

export function shellCases(table: readonly CommandRow[]): ShellCases {
  const [program, ...commands] = table;
  const global = program?.options ?? [];
  const everybodys = global.filter(({ word }) => !['-h', '--help', '-V', '--version'].includes(word));
  const ofOptions = [
    ...choicesOf('*', global),
    ...commands.flatMap((row) => choicesOf(row.command, row.options)),
  ];
  const choices = [...ofOptions, ...table.flatMap(placesOf)];
  return {
    paths: commands.map(({ command }) => command),
    valued: [...valuedOf('*', global), ...commands.flatMap((row) => valuedOf(row.command, row.options))],
    choices: choices.filter(({ choice }) => choice.words.length > 0 || choice.from.length > 0),
    commands: table.map(({ command, subcommands, options }) => ({
      ...{ command, subcommands, options: options === global ? global : [...options, ...everybodys] },
    })),
  };
}

const valuedOf = (command: string, options: readonly OptionRow[]): string[] =>
  options.filter(({ value }) => value !== null).map(({ word }) => `${command}:${word}`);

const choicesOf = (command: string, options: readonly OptionRow[]): ShellCases['choices'] =>
  options.flatMap(({ word, value }) =>
    value === null ? [] : [{ key: `${command}:${word}`, choice: value }],
  );

function placesOf({ command, places, variadic }: CommandRow): ShellCases['choices'] {
  const last = places.length - 1;
  return places.map((choice, place) => ({
    ...{ choice, key: `${command}:${variadic && place === last ? '[0-9]*' : place}` },
  }));
}

/** A pattern of bash and zsh: the text itself, but for its stars. */
export function pattern(key: string): string {
  return key
    .split(/(\[0-9\]\*|\*)/)
    .map((part) => (part === '' || part.endsWith('*') ? part : `'${part}'`))
    .join('');
}
