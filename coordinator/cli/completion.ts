/** `coordinator completion`: the script that completes command lines in bash, zsh or fish, made from the definitions. */

import { Argument, type Command } from 'commander';
import { bashScript } from './completion/bash.ts';
import { type ShellCases, shellCases } from './completion/cases.ts';
import { fishScript } from './completion/fish.ts';
import { completionTable } from './completion/table.ts';
import { zshScript } from './completion/zsh.ts';
import type { Cli, RegisterCommand } from './frame.ts';

const SCRIPTS: Readonly<Record<string, (cases: ShellCases) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};
/** What the scripts ask for while somebody types. */
const NAMES = ['pairs', 'hosts'] as const;

export const registerCompletion: RegisterCommand = (program, cli) => {
  program
    .command('completion')
    .addArgument(
      new Argument('<shell>', 'whose script; pairs and hosts print the names that the scripts offer').choices(
        [...Object.keys(SCRIPTS), ...NAMES],
      ),
    )
    .summary('the script that completes command lines in a shell')
    .description(
      'Prints the script that completes commands, options, and the names of pairs and hosts. The shell reads it at its start.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator completion bash > /etc/bash_completion.d/coordinator\n  coordinator completion zsh > /usr/local/share/zsh/site-functions/_coordinator\n  coordinator completion fish > ~/.config/fish/completions/coordinator.fish',
    )
    .action((shell: string) => complete(cli(), program, shell));
};

async function complete(cli: Cli, program: Command, shell: string): Promise<void> {
  const script = SCRIPTS[shell];
  if (script === undefined) return printNames(cli, shell);
  const text = script(shellCases(completionTable(program)));
  cli.output.line(text.trimEnd());
  cli.output.result({ shell, script: text });
}

async function printNames({ output, loadSpec }: Cli, kind: string): Promise<void> {
  const { pairs } = await loadSpec();
  const names =
    kind === 'pairs'
      ? pairs.map(({ name }) => name)
      : pairs.flatMap(({ hosts }) => hosts.map(({ name }) => name));
  const unique = [...new Set(names)];
  for (const name of unique) output.line(name);
  output.result({ [kind]: unique });
}
