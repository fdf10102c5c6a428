/** The sub-commands of the coordinator, in the order of its help. */

import { registerAgentInstall } from './agent-install.ts';
import { registerAgentList } from './agent-list.ts';
import { registerAgentMetrics } from './agent-metrics.ts';
import { registerAgentRemove } from './agent-remove.ts';
import { registerAlertAck } from './alert-ack.ts';
import { registerAlertList } from './alert-list.ts';
import { registerAlertTest } from './alert-test.ts';
import { registerCheck } from './check.ts';
import { registerCompletion } from './completion.ts';
import { registerDeploy } from './deploy.ts';
import { registerDrill } from './drill.ts';
import { registerEvents } from './events.ts';
import { registerFence } from './fence.ts';
import { registerForce } from './force.ts';
import type { RegisterCommand } from './frame.ts';
import { registerInit } from './init.ts';
import { registerLogs } from './logs.ts';
import { registerMaintenance } from './maintenance.ts';
import { registerMan } from './man.ts';
import { registerPlan } from './plan.ts';
import { registerRejoin } from './rejoin.ts';
import { registerReport } from './report.ts';
import { registerReseed } from './reseed.ts';
import { registerServe } from './serve.ts';
import { registerSolo } from './solo.ts';
import { registerStatus } from './status.ts';
import { registerStoreBackup } from './store-backup.ts';
import { registerSwitchover } from './switchover.ts';
import { registerTokenCreate, registerTokenList, registerTokenRevoke } from './token.ts';
import { registerVerify } from './verify.ts';

export const COMMANDS: readonly RegisterCommand[] = [
  registerInit,
  registerCheck,
  registerAgentInstall,
  registerAgentList,
  registerAgentRemove,
  registerAgentMetrics,
  registerPlan,
  registerDeploy,
  registerVerify,
  registerStatus,
  registerSwitchover,
  registerMaintenance,
  registerSolo,
  registerFence,
  registerRejoin,
  registerReseed,
  registerForce,
  registerDrill,
  registerEvents,
  registerReport,
  registerLogs,
  registerAlertList,
  registerAlertAck,
  registerAlertTest,
  registerTokenCreate,
  registerTokenList,
  registerTokenRevoke,
  registerStoreBackup,
  registerServe,
  registerCompletion,
  registerMan,
];
