/**
 * The only commands that are ever run on a host over ssh. Every one is a constant: whatever varies goes over standard
 * input. POSIX sh and coreutils are all they need; no single quotes inside, because the whole is quoted with them.
 */

import { HOST_PATHS } from '../../shared/model/paths.ts';

const { install, current, node, bundle } = HOST_PATHS;

/** The login shell of root may be any; the script is always sh's. */
const inSh = (script: string): string => `exec sh -c '${script.trim()}'`;

/** Tells in lines of `name value` what the host is and has. See parseProbe. */
const probe = `
echo uid $(id -u)
echo system $(uname -s)
echo machine $(uname -m)
command -v tar >/dev/null && echo tar yes
[ -d /run/systemd/system ] && echo init systemd
[ -L ${current} ] && echo current $(readlink ${current})
for file in ${install}/runtime/*/node; do [ -x "$file" ] && echo runtime "$file"; done
exit 0
`;

/**
 * Takes a tar stream of runtime/NAME/node (where the host lacks it), releases/NAME/* and the link \`current\`. Everything
 * is on the disk before the link is switched by one rename; whatever ends this early leaves the old version in place.
 * Times are those of the arrival (tar -m), so that services older than their files are noticed. Releases but the new
 * and the previous one are removed.
 */
const receive = `
set -eu
umask 022
mkdir -p ${install}/runtime ${install}/releases
cd ${install}
rm -rf incoming
mkdir -m 700 incoming
trap "rm -rf ${install}/incoming" EXIT
tar -xomf - -C incoming
for kind in runtime releases; do
  for path in incoming/$kind/*; do
    [ -d "$path" ] || continue
    for file in "$path"/*; do [ -L "$file" ] || sync "$file"; done
    rm -rf "$kind/\${path##*/}"
    mv "$path" "$kind/\${path##*/}"
  done
  sync $kind
done
previous=$(readlink current || true)
mv -T incoming/current current
sync .
keep=$(readlink current)
runtimes=
for path in releases/*; do
  if [ "$path" = "$keep" ] || [ "$path" = "$previous" ]
  then runtimes="$runtimes $(readlink "$path/node" || true)"
  else rm -rf "$path"
  fi
done
for path in runtime/*; do
  case "$runtimes " in *"../../$path/node "*) ;; *) rm -rf "$path" ;; esac
done
`;

const enrol = `exec ${node} ${bundle} enroll`;

export const HOST_COMMANDS = {
  probe: inSh(probe),
  receive: inSh(receive),
  enrol,
} as const;

export type HostCommand = keyof typeof HOST_COMMANDS;
