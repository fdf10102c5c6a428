/** The guard and keepalived, and the moment when the pair serves. */

import { HOST_PATHS } from '../../../shared/model/paths.ts';
import { renderGuardConfig } from '../../render/guard-config.ts';
import { renderKeepalived } from '../../render/keepalived.ts';
import { unhealthy } from '../facts.ts';
import { defineStep } from '../step.ts';

/** Needs no database: without the guard's permit it holds no address. */
export const keepalivedStep = defineStep({
  id: 'keepalived',
  title: 'keepalived',
  requires: ['packages'],
  standbyFirst: true,
  calls: ({ pair, host, peer }) => [
    {
      action: 'file-ensure',
      params: {
        path: HOST_PATHS.keepalivedConfig,
        content: renderKeepalived(pair, host, peer),
        mode: 0o644,
        validate: 'keepalived',
      },
    },
    {
      action: 'service-ensure',
      params: {
        unit: 'keepalived.service',
        enabled: true,
        running: true,
        reloadIfOlderThan: [HOST_PATHS.keepalivedConfig],
        rollback: [HOST_PATHS.keepalivedConfig],
      },
    },
  ],
});

export const guardStep = defineStep({
  id: 'guard',
  title: 'Guard',
  requires: ['rows'],
  joins: true,
  standbyFirst: true,
  calls: ({ flavor, pair, host, peer, secrets }) => [
    {
      action: 'file-ensure',
      params: {
        path: HOST_PATHS.guardConfig,
        content: renderGuardConfig(flavor, pair, host, peer, secrets),
        mode: 0o600,
        validate: 'json',
        secret: true,
      },
    },
    {
      action: 'service-ensure',
      params: {
        unit: 'hotpair-guard.service',
        enabled: true,
        running: true,
        restartIfOlderThan: [HOST_PATHS.guardConfig, HOST_PATHS.guardUnit, HOST_PATHS.guardBundle],
      },
    },
  ],
});

/** The guards agree on a primary, keepalived gives it the address, and it opens for writes. */
export const servingStep = defineStep({
  id: 'serving',
  title: 'One primary with the VIP',
  requires: ['guard', 'keepalived'],
  joins: true,
  missing: unhealthy,
  waitMs: 60_000,
});
