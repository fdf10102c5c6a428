/** The completion script of fish. Pure. */

import type { ShellCases } from './cases.ts';
import { type Described, plainText } from './table.ts';

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');
const entries = (rows: readonly Described[]): string =>
  rows.map(({ word, text }) => `'${word}' '${plainText(text)}'`).join(' ');

export function fishScript({ paths, valued, choices, commands }: ShellCases): string {
  return `# Completion of coordinator for fish, printed by: coordinator completion fish

function __coordinator_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l command coordinator
    set -l option ''
    set -l config
    set -l place 0
    set -l from
    for word in $tokens[2..-1]
        if test -n "$option"
            contains -- $option -c --config; and set config --config $word
            set option ''
            continue
        end
        if contains -- "$command $word" ${quoted(paths)}
            set command "$command $word"
            continue
        end
        switch "$command:$word"
            case ${quoted(valued)}
                set option $word
            case '*:-*'
            case '*'
                set place (math $place + 1)
        end
    end
    if test -z "$option"; and string match -q -- '-*' "$current"
        switch $command
${commands.map(({ command, options }) => `            case '${command}'\n                printf '%s\\t%s\\n' ${entries(options)}`).join('\n')}
        end
        return
    end
    set -l key "$command:$place"
    test -n "$option"; and set key "$command:$option"
    switch $key
${choices.map(({ key, choice }) => `        case '${key.replace('[0-9]', '')}'\n            set from ${choice.from.join(' ')}${choice.words.length === 0 ? '' : `\n            printf '%s\\n' ${quoted(choice.words)}`}`).join('\n')}
    end
    for source in $from
        switch $source
            case files
                __fish_complete_path "$current"
            case folders
                __fish_complete_directories "$current"
            case '*'
                $tokens[1] $config completion $source 2>/dev/null
        end
    end
    test -n "$option"; and return
    switch $command
${commands
  .filter(({ subcommands }) => subcommands.length > 0)
  .map(
    ({ command, subcommands }) =>
      `        case '${command}'\n            printf '%s\\t%s\\n' ${entries(subcommands)}`,
  )
  .join('\n')}
    end
end
complete -c coordinator -f -a '(__coordinator_complete)'
`;
}
