/** The faults a failover run injects into the holder of the VIP, and how the host comes back from each. */

import type { Lab, LabHost } from '../test/lab/lab.ts';

export const failoverFaults = ['kill', 'power', 'hang'] as const;
export type FailoverFault = (typeof failoverFaults)[number];

export const faultTitles: Readonly<Record<FailoverFault, string>> = {
  kill: 'kill -9 of the server',
  power: 'power loss of the host',
  hang: 'server hung (SIGSTOP)',
};

/** A fault that is ready to happen: everything slow has been looked up before. */
export interface ArmedFault {
  strike(): Promise<void>;
  /** What happens to the host anyway some time later: power comes back, a hung server is let go. */
  relent(): Promise<void>;
}

export async function armFault(lab: Lab, host: LabHost, fault: FailoverFault): Promise<ArmedFault> {
  if (fault === 'power') return { strike: () => host.powerLoss(), relent: () => host.boot() };
  const pid = await host.pidOf('mariadb.service');
  if (fault === 'kill')
    return { strike: () => lab.faults.killProcess(host.name, pid), relent: async () => undefined };
  return {
    strike: async () => {
      await lab.faults.stopProcess(host.name, pid);
    },
    relent: async () => {
      // A server that was found hung may be gone by now.
      await host.exec(['kill', '-s', 'CONT', String(pid)], { check: false });
    },
  };
}
