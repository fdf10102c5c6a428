/** The completion script of zsh. Pure. */

import { pattern, type ShellCases } from './cases.ts';
import { type Described, plainText } from './table.ts';

const entries = (rows: readonly Described[]): string =>
  rows.map(({ word, text }) => `'${word}:${plainText(text)}'`).join(' ');

export function zshScript({ paths, valued, choices, commands }: ShellCases): string {
  return `#compdef coordinator
# Completion of coordinator for zsh, printed by: coordinator completion zsh

_coordinator() {
  local current=$words[CURRENT] command=coordinator option= config= word
  local -i place=0 i
  local -a offered plain from
  for ((i = 2; i < CURRENT; i++)); do
    word=$words[i]
    if [[ -n $option ]]; then
      [[ $option == -c || $option == --config ]] && config=$word
      option=
      continue
    fi
    case "$command $word" in
      (${paths.map(pattern).join(' | ')})
        command="$command $word"
        continue
        ;;
    esac
    case "$command:$word" in
      (${valued.map(pattern).join(' | ')}) option=$word ;;
      (*:-*) ;;
      (*) place+=1 ;;
    esac
  done
  if [[ -z $option && $current == --*=* ]]; then
    option=\${current%%=*}
    compset -P 1 '*='
  fi
  case "$command:\${option:-$place}" in
${choices.map(({ key, choice }) => `    (${pattern(key)}) plain=(${choice.words.join(' ')}) from=(${choice.from.join(' ')}) ;;`).join('\n')}
  esac
  if [[ -z $option && $current == -* ]]; then
    plain=() from=()
    case $command in
${commands.map(({ command, options }) => `      ('${command}') offered=(${entries(options)}) ;;`).join('\n')}
    esac
  elif [[ -z $option ]]; then
    case $command in
${commands
  .filter(({ subcommands }) => subcommands.length > 0)
  .map(({ command, subcommands }) => `      ('${command}') offered=(${entries(subcommands)}) ;;`)
  .join('\n')}
    esac
  fi
  for word in $from; do
    case $word in
      (files) _files ;;
      (folders) _files -/ ;;
      (*) plain+=(\${(f)"$($words[1] \${config:+--config} $config completion $word 2>/dev/null)"}) ;;
    esac
  done
  (( $#offered )) && _describe -o coordinator offered
  (( $#plain )) && compadd -a plain
  return 0
}
if [[ $funcstack[1] == _coordinator ]]; then _coordinator "$@"; else compdef _coordinator coordinator; fi
`;
}
