/** What an action may touch: the host it runs on, bound to one call (its cancel signal and its progress). */

import type { AgentConfig } from '../../shared/model/agent-config.ts';
import type { RunOptions, RunResult } from '../../shared/runtime/run-command.ts';
import type { Platform } from '../platform/platform.ts';
import type { Sql } from './sql.ts';

export interface Host {
  readonly config: AgentConfig;
  readonly platform: Platform;
  readonly sql: Sql;
  /** Aborted when the caller cancels, the deadline passes or the connection ends. */
  readonly signal: AbortSignal;
  progress(message: string): void;
  /** runCommand bound to this call: ended when the call is. */
  run(argv: readonly string[], options: RunOptions): Promise<RunResult>;
}
