/** `coordinator man`: the manual pages, made from the definitions of the commands. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Cli, RegisterCommand } from './frame.ts';
import { allCommands, manPage, pageName } from './man-page.ts';

export const registerMan: RegisterCommand = (program, cli) => {
  program
    .command('man [command...]')
    .summary('the manual page of a command, or all of them into a folder')
    .description(
      'Prints the manual page of a command, for man -l. With --folder it writes the pages of all commands into FOLDER/man1, where man finds them if the folder is one that it searches.',
    )
    .option('--folder <folder>', 'write all pages there')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator man report | man -l -\n  coordinator man --folder /usr/local/share/man',
    )
    .action((words: readonly string[], { folder }: { readonly folder?: string }) =>
      folder === undefined ? printPage(cli(), program, words) : writePages(cli(), program, folder),
    );
};

function printPage({ output }: Cli, program: Command, words: readonly string[]): void {
  const page = manPage(findCommand(program, words));
  output.line(page.trimEnd());
  output.result({ page });
}

/** Throws AppError NOT_FOUND with the commands there are. */
function findCommand(program: Command, words: readonly string[]): Command {
  return words.reduce((group, word) => {
    const found = group.commands.find((command) => command.name() === word);
    if (found !== undefined) return found;
    const known = group.commands.map((command) => command.name()).join(', ');
    throw new AppError('NOT_FOUND', `${group.name()} has no command ${word}; it has: ${known || 'none'}.`);
  }, program);
}

async function writePages({ output }: Cli, program: Command, folder: string): Promise<void> {
  const place = resolve(folder, 'man1');
  await mkdir(place, { recursive: true });
  const files = allCommands(program).map((command) => ({
    command,
    file: join(place, `${pageName(command)}.1`),
  }));
  for (const { command, file } of files) await writeFile(file, manPage(command));
  output.line(`${files.length} pages are in ${place}.`);
  output.result({ files: files.map(({ file }) => file) });
}
