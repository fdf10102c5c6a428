/** What must be there before anything can be configured: the drop-ins of the units, then the packages. */

import { HOST_PATHS } from '../../../shared/model/paths.ts';
import { renderKeepalivedUnit } from '../../render/keepalived-unit.ts';
import { SERVER_PKI } from '../../render/server-config.ts';
import { renderServerUnit } from '../../render/server-unit.ts';
import { defineStep } from '../step.ts';

/** Before the packages: with its drop-in the server does not start without the pair's configuration. */
export const unitsStep = defineStep({
  id: 'units',
  title: 'Unit drop-ins and trust',
  requires: [],
  calls: ({ pair, host }) => [
    {
      action: 'file-ensure',
      params: { path: HOST_PATHS.serverUnitDropIn, content: renderServerUnit(), mode: 0o644 },
    },
    {
      action: 'file-ensure',
      params: {
        path: HOST_PATHS.keepalivedUnitDropIn,
        content: renderKeepalivedUnit(pair, host),
        mode: 0o644,
      },
    },
    // On both hosts before either server gets another certificate. Who connects reads it anew, so no server restarts.
    {
      action: 'file-ensure',
      params: { path: SERVER_PKI.authority, copyOf: HOST_PATHS.trusted, mode: 0o644 },
    },
  ],
});

/** A package manager may wait for a foreign lock (with progress) and then for slow disks and networks. */
const PACKAGES_MS = 20 * 60_000;

export const packagesStep = defineStep({
  id: 'packages',
  title: 'Packages',
  requires: ['units'],
  calls: ({ flavor }) => [
    {
      action: 'package-ensure',
      params: { packages: [...flavor.packages] },
      deadlineMs: PACKAGES_MS,
    },
  ],
});
