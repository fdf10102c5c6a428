/** The drop-in of keepalived's unit. Pure; every line says why it is there. */

import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';

export function renderKeepalivedUnit(pair: PairSpec, host: HostSpec): string {
  return `# Written by hotpair; "coordinator deploy" puts it back.
[Unit]
StartLimitIntervalSec=0

[Service]
# The folder of the permit file must be there before keepalived looks into it, and outlive it.
RuntimeDirectory=hotpair
RuntimeDirectoryPreserve=yes
Restart=always
RestartSec=200ms
TimeoutStopSec=5s
# A file that somebody broke is refused: keepalived would take it, lose its instance, and drop the address.
ExecReload=
ExecReload=/usr/sbin/keepalived --config-test
ExecReload=/bin/kill -HUP $MAINPID
# A keepalived that was killed leaves the address behind while the other host takes it, too.
ExecStopPost=-/usr/sbin/ip address del ${pair.vip}/${pair.vipPrefix} dev ${host.interface}
OOMScoreAdjust=-900
# It takes the address off in the moment in which a dying server frees its memory.
Nice=-10
`;
}
