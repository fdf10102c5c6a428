/** A manual page (man macros) from the definition of a command, or of the whole program. Pure. */

import type { Command } from 'commander';
import { HOTPAIR_VERSION } from '../../shared/protocol/version.ts';

const SECTION = 1;
const EXITS = [
  ['0', 'It is done.'],
  ['1', 'It failed; the message says what, and what to do.'],
  ['2', 'The command line or the file is wrong; nothing was done.'],
  ['3', 'It was refused for safety; nothing was done.'],
] as const;

/** `coordinator-token-create`, the name of the page. */
export function pageName(command: Command): string {
  return command.parent === null ? command.name() : `${pageName(command.parent)}-${command.name()}`;
}

/** The command and all below it, parents first. */
export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

export function manPage(command: Command): string {
  const name = pageName(command);
  const lines = [
    `.TH ${name.toUpperCase()} ${SECTION} "" "hotpair ${HOTPAIR_VERSION}" "hotpair"`,
    ...['.SH NAME', `${roff(name)} \\- ${roff(command.summary() || command.description())}`],
    ...['.SH SYNOPSIS', `.B ${roff(name.replaceAll('-', ' '))}`, roff(usageOf(command))],
    ...['.SH DESCRIPTION', roff(command.description() || command.summary())],
    ...argumentPart(command),
    ...commandPart(command),
    ...optionPart('OPTIONS', command),
    ...(command.parent === null ? filePart() : optionPart('GLOBAL OPTIONS', rootOf(command))),
    ...['.SH EXIT STATUS', ...EXITS.flatMap(([code, text]) => ['.TP', `.B ${code}`, roff(text)])],
    ...examplePart(command),
    ...seePart(command),
  ];
  return `${lines.join('\n')}\n`;
}

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));
const usageOf = (command: Command): string => command.usage();

function argumentPart(command: Command): string[] {
  const described = command.registeredArguments.filter(({ description }) => description !== '');
  if (described.length === 0) return [];
  const help = command.createHelp();
  return [
    '.SH ARGUMENTS',
    ...described.flatMap((one) => ['.TP', `.I ${roff(one.name())}`, roff(help.argumentDescription(one))]),
  ];
}

function commandPart(command: Command): string[] {
  if (command.commands.length === 0) return [];
  const rows = command.commands.flatMap((sub) => [
    ...['.TP', `.B ${roff(sub.name())}`, roff(sub.summary() || sub.description())],
  ]);
  return ['.SH COMMANDS', ...rows];
}

function optionPart(title: string, command: Command): string[] {
  const help = command.createHelp();
  const rows = help
    .visibleOptions(command)
    .flatMap((option) => ['.TP', flagsOf(option.flags), roff(help.optionDescription(option))]);
  return [`.SH ${title}`, ...rows];
}

/** `-f, --file <file>` with the spellings in bold and the value in italics. */
function flagsOf(flags: string): string {
  const [, spellings = flags, value = ''] = /^(.*?)(?: [<[](.+)[\]>])?$/.exec(flags) ?? [];
  return `\\fB${roff(spellings)}\\fR${value === '' ? '' : ` \\fI${roff(value)}\\fR`}`;
}

function filePart(): string[] {
  return [
    ...['.SH FILES', '.TP', '.I hotpair.yaml', 'The pairs; looked for here, then in /etc/hotpair.'],
    ...[
      '.TP',
      '.I /var/lib/hotpair',
      'Keys, secrets, the history and reports, where the file says no other folder.',
    ],
    ...[
      '.SH ENVIRONMENT',
      '.TP',
      '.B HOTPAIR_LOG_LEVEL',
      roff('With debug an error shows where it came from.'),
    ],
  ];
}

/** commander adds them only when it prints the help. */
function examplePart(command: Command): string[] {
  let help = '';
  const writeOut = (piece: string): void => {
    help += piece;
  };
  command.configureOutput({ writeOut, getOutHasColors: () => false });
  command.outputHelp();
  const [, examples] = help.split(/\nExamples?:\n/);
  if (examples === undefined) return [];
  return [
    '.SH EXAMPLES',
    '.nf',
    ...examples
      .trimEnd()
      .split('\n')
      .map((line) => roff(line.trim())),
    '.fi',
  ];
}

function seePart(command: Command): string[] {
  const near = [...(command.parent === null ? [] : [command.parent]), ...command.commands];
  return ['.SH SEE ALSO', near.map((one) => `.BR ${roff(pageName(one))} (${SECTION})`).join(' ,\n')];
}

/** Text that troff shows as it is. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return escaped.replaceAll(/^(?=[.'])/gm, '\\&');
}
