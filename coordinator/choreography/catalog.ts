/** The steps of a deploy. Their order is what they require of each other; this list is only the order of display. */

import type { Step } from './step.ts';
import { guardStep, keepalivedStep, servingStep } from './steps/failover.ts';
import { packagesStep, unitsStep } from './steps/packages.ts';
import { channelsStep, replicationStep, rowsStep } from './steps/replication.ts';
import { accountsStep, serverStep } from './steps/server.ts';

export const STEPS: readonly Step[] = [
  unitsStep,
  packagesStep,
  serverStep,
  accountsStep,
  channelsStep,
  replicationStep,
  rowsStep,
  keepalivedStep,
  guardStep,
  servingStep,
];
