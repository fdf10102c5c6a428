/** Every action by name. The type is a map over the table of actions: one that is forgotten does not compile. */

import type { ActionName } from '../shared/protocol/actions.ts';
import type { Action } from './actions/action.ts';
import { addressProbe } from './actions/address-probe.ts';
import { addressRead } from './actions/address-read.ts';
import { errantRead } from './actions/errant-read.ts';
import { errantSave } from './actions/errant-save.ts';
import { fileAbsent } from './actions/file-absent.ts';
import { fileEnsure } from './actions/file-ensure.ts';
import { hostRead } from './actions/host-read.ts';
import { logRead } from './actions/log-read.ts';
import { packageEnsure } from './actions/package-ensure.ts';
import { replicationEnsure } from './actions/replication-ensure.ts';
import { seedAdopt } from './actions/seed-adopt.ts';
import { seedClean } from './actions/seed-clean.ts';
import { seedFetch } from './actions/seed-fetch.ts';
import { seedPosition } from './actions/seed-position.ts';
import { seedRead } from './actions/seed-read.ts';
import { serviceEnsure } from './actions/service-ensure.ts';
import { sqlEnsure } from './actions/sql-ensure.ts';
import { sqlRead } from './actions/sql-read.ts';
import { verifyRowEnsure } from './actions/verify-row-ensure.ts';
import { verifyRowRead } from './actions/verify-row-read.ts';

export const ACTIONS: { readonly [N in ActionName]: Action<N> } = {
  'package-ensure': packageEnsure,
  'file-ensure': fileEnsure,
  'file-absent': fileAbsent,
  'service-ensure': serviceEnsure,
  'sql-read': sqlRead,
  'sql-ensure': sqlEnsure,
  'verify-row-ensure': verifyRowEnsure,
  'verify-row-read': verifyRowRead,
  'replication-ensure': replicationEnsure,
  'address-read': addressRead,
  'address-probe': addressProbe,
  'host-read': hostRead,
  'log-read': logRead,
  'errant-save': errantSave,
  'errant-read': errantRead,
  'seed-read': seedRead,
  'seed-fetch': seedFetch,
  'seed-adopt': seedAdopt,
  'seed-position': seedPosition,
  'seed-clean': seedClean,
};
