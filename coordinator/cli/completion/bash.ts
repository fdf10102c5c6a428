/** The completion script of bash (4 or newer). Pure. */

import { pattern, type ShellCases } from './cases.ts';
import type { Described } from './table.ts';

const wordsOf = (rows: readonly Described[]): string => rows.map(({ word }) => word).join(' ');

export function bashScript({ paths, valued, choices, commands }: ShellCases): string {
  return `# Completion of coordinator for bash, printed by: coordinator completion bash

_coordinator() {
  local current=\${COMP_WORDS[COMP_CWORD]} command=coordinator option= config= place=0 words= from= i word
  COMPREPLY=()
  [[ $current == = ]] && current=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == = ]] && continue
    if [[ -n $option ]]; then
      [[ $option == -c || $option == --config ]] && config=$word
      option=
      continue
    fi
    case "$command $word" in
      ${paths.map(pattern).join(' | ')})
        command="$command $word"
        continue
        ;;
    esac
    case "$command:$word" in
      ${valued.map(pattern).join(' | ')}) option=$word ;;
      *:-*) ;;
      *) place=$((place + 1)) ;;
    esac
  done
  case "$command:\${option:-$place}" in
${choices.map(({ key, choice }) => `    ${pattern(key)}) words='${choice.words.join(' ')}' from='${choice.from.join(' ')}' ;;`).join('\n')}
  esac
  if [[ -z $option && $current == -* ]]; then
    from=
    case $command in
${commands.map(({ command, options }) => `      '${command}') words='${wordsOf(options)}' ;;`).join('\n')}
    esac
  elif [[ -z $option ]]; then
    case $command in
${commands
  .filter(({ subcommands }) => subcommands.length > 0)
  .map(({ command, subcommands }) => `      '${command}') words='${wordsOf(subcommands)}' ;;`)
  .join('\n')}
    esac
  fi
  for word in $from; do
    case $word in
      files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
      folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
      *) words+=" $("$1" \${config:+--config "$config"} completion "$word" 2>/dev/null)" ;;
    esac
  done
  [[ -z $words ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _coordinator coordinator
`;
}
