/** The host stops taking part, and has what it needs beside its data: from here on nobody starts its server. */

import { MARIADB } from '../../shared/flavor/mariadb.ts';
import { serviceOf } from '../choreography/facts.ts';
import type { HostView } from '../choreography/step.ts';
import { askGuard } from '../cli/guard-commands.ts';
import { factsOf } from './errant.ts';
import { furnish, sameServer } from './furnish.ts';
import { type Before, type ReseedOptions, waysOf } from './ground.ts';
import { untilPhase } from './waits.ts';

const STOP_MS = 120_000;
const PACKAGES_MS = 900_000;

export async function standAside(options: ReseedOptions, before: Before, view: HostView): Promise<void> {
  const { pair, host, other, step } = options;
  const { name } = host.host;
  const guard = 'hotpair-guard.service';
  if (before.votes)
    await step('aside', `${name} stands aside, ${other.host.name} goes on alone`, async () => {
      const order = { kind: 'maintenance', reason: 'its data are replaced', forMs: null } as const;
      if (before.guard.voting?.order?.kind !== 'maintenance') await askGuard(host, order);
      await untilPhase(pair, name, 'MAINTENANCE');
    });
  else
    await step('furnished', `${name} gets what it needs beside its data`, async (task) => {
      const { heartbeat } = before.guard;
      if (heartbeat !== null && serviceOf(heartbeat, guard) === 'active')
        await factsOf(host, 'service-ensure', { unit: guard, running: false }, { deadlineMs: STOP_MS });
      await furnish(host, view, waysOf(options, task));
    });
  await step('packages', 'mariadb-backup on both hosts', async (task) => {
    const ways = waysOf(options, task);
    const packages = ['mariadb-backup'];
    for (const link of [host, other])
      await factsOf(link, 'package-ensure', { packages }, { ...ways, deadlineMs: PACKAGES_MS });
    await sameServer(host, other, MARIADB.serverPackage);
  });
  await step('stopped', `The server on ${name} stops`, () =>
    factsOf(host, 'service-ensure', { unit: MARIADB.unit, running: false }, { deadlineMs: STOP_MS }),
  );
}
