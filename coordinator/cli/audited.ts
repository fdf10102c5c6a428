/** Puts commands of the command line into the audit trail: before they begin, and how they ended. */

import { userInfo } from 'node:os';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import type { NewAuditEntry } from '../store/audit.ts';
import { openStore } from '../store/open-store.ts';
import type { Cli } from './frame.ts';

/** What cannot be written down (a full disk) is said, and keeps nobody from a command that cannot wait. */
export async function audited<T>(
  cli: Cli,
  spec: HotpairSpec,
  target: string,
  work: () => Promise<T>,
  action = cli.command,
): Promise<T> {
  if (cli.approve !== undefined) return await work(); // A job, which is in the trail already.
  const note = (outcome: string): void => append(cli, spec, { action, target, outcome });
  note('accepted');
  try {
    const result = await work();
    note('succeeded');
    return result;
  } catch (error) {
    note(toAppError(error).code);
    throw error;
  }
}

function append(
  cli: Cli,
  spec: HotpairSpec,
  about: Pick<NewAuditEntry, 'action' | 'target' | 'outcome'>,
): void {
  try {
    const store = openStore(spec.coordinator.data, (sentence) => cli.output.warn(`warning: ${sentence}`));
    try {
      const actor = userInfo().username;
      store.audit.append({ actor, source: 'cli', ...about });
    } finally {
      store.close();
    }
  } catch (error) {
    cli.output.warn(`warning: the audit trail lacks this command: ${toAppError(error).message}`);
  }
}
