/** docs/commands.md from the command definitions: the help of every command, as it prints it. */

import type { Command } from 'commander';
import { COMMANDS } from '../../coordinator/cli/commands.ts';
import { createProgram } from '../../coordinator/cli/frame.ts';
import { code, heading, page } from './markdown.ts';

const WIDTH = 100;
const INTRODUCTION = `Every command takes \`--config FILE\` and \`--json\` (one JSON document on standard output and nothing else; an error is in it as
\`error\`). Exit codes: 0 ok, 1 failed, 2 wrong command line or invalid file, 3 refused for safety. On a terminal progress is live;
elsewhere it is plain lines. \`HOTPAIR_LOG_LEVEL=debug\` adds the stack to errors. The first Ctrl-C lets a command end in order, the
second ends it at once. From a checkout a command runs as \`npm run --silent coordinator -- COMMAND\`.

The same definitions make the manual pages (\`coordinator man --folder /usr/local/share/man\`) and what bash, zsh and fish offer
while a command is typed, the names of pairs and hosts included (\`coordinator completion bash > /etc/bash_completion.d/coordinator\`).`;

export function renderCommands(): string {
  const program = createProgram(COMMANDS, () => {
    throw new TypeError('the reference runs no command');
  });
  return page('Commands', 'the definitions in coordinator/cli', INTRODUCTION, [
    heading(2, 'coordinator'),
    code(helpOf(program), 'text'),
    ...program.commands.flatMap((command) => partsOf(command, 'coordinator')),
  ]);
}

function partsOf(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`;
  return [
    heading(2, name),
    code(helpOf(command), 'text'),
    ...command.commands.flatMap((sub) => partsOf(sub, name)),
  ];
}

/** With the examples, which commander adds only when it prints. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (piece) => {
      text += piece;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}
