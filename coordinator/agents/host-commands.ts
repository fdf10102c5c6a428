/**
 * The only commands that are ever run on a host over ssh. Every one is a constant: whatever varies goes over standard
 * input. POSIX sh and coreutils are all they need; no single quotes inside, because the whole is quoted with them.
 */

import { dirname } from 'node:path';
import { HOST_PATHS } from '../../shared/model/paths.ts';

const { install, current, node, bundle } = HOST_PATHS;
const P = HOST_PATHS;

/** The login shell of root may be any; the script is always sh's. */
const inSh = (script: string): string => `exec sh -c '${script.trim()}'`;

/** Does something with every line of the claims whose agent lives, as $pid and $claim. See shared/model/claim.ts. */
const eachClaim = (work: string): string =>
  `if [ -r ${P.claims} ]; then while read -r pid claim; do if [ -d /proc/$pid ]; then ${work}; fi; done <${P.claims}; fi`;

/** Tells in lines of `name value` what the host is and has. See parseProbe. */
const probe = `
echo uid $(id -u)
echo system $(uname -s)
echo machine $(uname -m)
command -v tar >/dev/null && echo tar yes
[ -d /run/systemd/system ] && echo init systemd
[ -x ${node} ] && [ -f ${bundle} ] && echo current $(readlink ${current})
for file in ${install}/runtime/*/node; do [ -x "$file" ] && echo runtime "$file"; done
if [ -r ${P.ca} ]; then while read -r line; do echo "ca $line"; done <${P.ca}; fi
if [ -r ${P.trusted} ]; then while read -r line; do echo "trusted $line"; done <${P.trusted}; fi
${eachClaim('echo "claim $pid $claim"')}
exit 0
`;

/**
 * Takes a tar stream of runtime/NAME/node (where the host lacks it), releases/NAME/* and the link \`current\`. Everything
 * is on the disk before the link is switched by one rename; whatever ends this early leaves the old version in place, and
 * so does a change of the pair that has begun meanwhile: its agent is not replaced under it.
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
${eachClaim('echo "a change of the pair has begun meanwhile ($claim): wait until it is done" >&2; exit 1')}
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

/**
 * Takes a certificate of an authority and puts it before those that the host trusts already. What does not arrive whole is
 * thrown away. The guard notices by itself.
 */
const trust = `
set -eu
umask 077
cd ${P.pki}
trap "rm -f incoming.crt trusted.new" EXIT
cat >incoming.crt
[ "$(tail -n 1 incoming.crt)" = "-----END CERTIFICATE-----" ]
${eachClaim('echo "a change of the pair has begun meanwhile ($claim): wait until it is done" >&2; exit 1')}
known=${P.trusted}
[ -r $known ] || known=${P.ca}
cat incoming.crt $known >trusted.new
sync trusted.new
mv -T trusted.new ${P.trusted}
sync .
`;

/** The guard's configuration, with its secret: nobody but the coordinator that takes the pair over may see it. */
const guardConfig = `if [ -r ${P.guardConfig} ]; then cat ${P.guardConfig}; fi`;

const enrol = `exec ${node} ${bundle} enroll`;

/** Tells what would be lost if hotpair went away: see parseRemovalLook. */
const removeLook = `
[ -e ${install} ] || [ -e ${P.config} ] && echo agent yes
[ -e ${P.guardConfig} ] && echo guard yes
[ -r ${P.guardStatus} ] && echo status $(cat ${P.guardStatus})
${eachClaim('echo "claim $pid $claim"')}
exit 0
`;

const UNITS = ['hotpair-guard.service', 'hotpair-agent.service'];
const FOLDERS = [P.install, P.config, P.state, P.run, P.serverPki];
const FILES = [P.agentUnit, P.guardUnit, P.serverDropIn, P.serverUnitDropIn, P.keepalivedUnitDropIn];
/** Folders that are gone too where nothing else is in them. */
const MAYBE_EMPTY = [dirname(P.serverUnitDropIn), dirname(P.keepalivedUnitDropIn)];

/**
 * Stops hotpair and takes away every file of it; says each path that was there. keepalived stops first where hotpair has
 * set it up, so that the VIP is gone before its guard; the fence goes last, and the port of the server is open then. Packages,
 * the database server and its data stay.
 */
const remove = `
if [ -e ${P.keepalivedUnitDropIn} ]; then
  systemctl disable --now keepalived.service >&2
  grep -qi hotpair ${P.keepalivedConfig} && echo removed ${P.keepalivedConfig} && rm -f ${P.keepalivedConfig}
fi
for unit in ${UNITS.join(' ')}; do
  systemctl cat $unit >/dev/null 2>&1 && systemctl disable --now $unit >&2
done
for family in inet arp netdev; do
  nft delete table $family hotpair 2>/dev/null && echo "removed the table $family hotpair of nftables"
done
for path in ${[...FOLDERS, ...FILES].join(' ')}; do
  [ -e $path ] || continue
  rm -rf $path && echo removed $path
done
rmdir ${MAYBE_EMPTY.join(' ')} 2>/dev/null
systemctl daemon-reload >&2
systemctl reset-failed ${UNITS.join(' ')} 2>/dev/null
exit 0
`;

export const HOST_COMMANDS = {
  probe: inSh(probe),
  'remove-look': inSh(removeLook),
  remove: inSh(remove),
  receive: inSh(receive),
  trust: inSh(trust),
  'guard-config': inSh(guardConfig),
  enrol,
} as const;

export type HostCommand = keyof typeof HOST_COMMANDS;
