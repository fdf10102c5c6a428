/** The drop-in of the database server's unit. Pure; every line says why it is there. */

import { HOST_PATHS } from '../../shared/model/paths.ts';

export function renderServerUnit(): string {
  return `# Written by hotpair; "coordinator deploy" puts it back.
[Unit]
# Without its part of the pair the server would start writable and on its own: then it does not start. This also
# keeps the installation of the package from starting it once for nothing.
ConditionPathExists=${HOST_PATHS.serverDropIn}
StartLimitIntervalSec=0

[Service]
# The guard starts the server, and decides in which role; systemd must not be faster.
Restart=no
EnvironmentFile=-${HOST_PATHS.serverEnvironment}
# A server that does not end by itself is killed: InnoDB recovers, and a standby waits meanwhile.
SendSIGKILL=yes
TimeoutStopSec=15s
`;
}
