/** What a shell needs to know of the command line to complete it, read from the definitions themselves. Pure. */

import type { Argument, Command, Option } from 'commander';

/** Words to choose from: themselves, or where they come from. */
export interface Choice {
  readonly words: readonly string[];
  readonly from: readonly ('pairs' | 'hosts' | 'files' | 'folders')[];
}

export interface Described {
  readonly word: string;
  readonly text: string;
}

export interface OptionRow extends Described {
  /** What its value may be; null where it takes none. */
  readonly value: Choice | null;
}

/** One command, or a group of them. */
export interface CommandRow {
  /** `coordinator token create`. */
  readonly command: string;
  readonly subcommands: readonly Described[];
  /** Its own, each spelling by itself; those of the program itself are everybody's. */
  readonly options: readonly OptionRow[];
  /** What may stand at each place. */
  readonly places: readonly Choice[];
  /** The last place may be filled again and again. */
  readonly variadic: boolean;
}

/** Parents before their sub-commands, the program itself first. */
export function completionTable(program: Command): CommandRow[] {
  return rowsOf(program, program.name());
}

function rowsOf(command: Command, path: string): CommandRow[] {
  const places = command.registeredArguments;
  const row: CommandRow = {
    command: path,
    subcommands: command.commands.map((sub) => ({ word: sub.name(), text: sub.summary() })),
    options: optionsOf(command),
    places: places.map((place) => choiceOf(place.name(), place.argChoices)),
    variadic: places.at(-1)?.variadic === true,
  };
  return [row, ...command.commands.flatMap((sub) => rowsOf(sub, `${path} ${sub.name()}`))];
}

function optionsOf(command: Command): OptionRow[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => spellingsOf(option));
}

function spellingsOf(option: Option): OptionRow[] {
  const takesValue = option.required || option.optional;
  const value = takesValue ? choiceOf(valueName(option), option.argChoices) : null;
  const words = [option.long, option.short].filter((word) => word != null);
  return words.map((word) => ({ word, text: option.description, value }));
}

/** `--pair <name>` means a pair, as `<pair>` does. */
function valueName(option: Option): string {
  return option.long === '--pair' ? 'pair' : (/[<[](.+?)[\]>]/.exec(option.flags)?.[1] ?? '');
}

const SOURCES: Readonly<Record<string, Choice['from'][number]>> = {
  pair: 'pairs',
  host: 'hosts',
  hosts: 'hosts',
  file: 'files',
  folder: 'folders',
};

/** `host` is a name of the file, `on|off` are two words, anything else is for the person to know. */
function choiceOf(name: string, given: Argument['argChoices'] | undefined): Choice {
  if (given !== undefined) return { words: given, from: [] };
  const parts = name.split('|');
  const from = parts.flatMap((part) => SOURCES[part] ?? []);
  return { words: parts.length > 1 ? parts.filter((part) => SOURCES[part] === undefined) : [], from };
}

/** First line of a description, without what a shell or a list would take for its own. */
export function plainText(text: string): string {
  return text
    .replaceAll("'", '’')
    .replaceAll(/["`\\:$[\]]/g, '')
    .replaceAll(/\s+/g, ' ');
}
