/** Checks of a pair from end to end, as verdicts: everything is looked at, whatever fails on the way. */

import { randomUUID } from 'node:crypto';
import { toAppError } from '../../shared/errors/app-error.ts';
import type { Verdict } from '../../shared/model/verdict.ts';
import type { PairSecrets } from '../secrets.ts';
import { resultOrThrow } from './action-result.ts';
import type { AgentPort, AgentPorts, PairFacts } from './facts.ts';
import { askThroughVip } from './through-vip.ts';
import { judge, ROW_MS, type RowAnswer } from './verdicts.ts';

export interface VerifyOptions {
  readonly ports: AgentPorts;
  readonly facts: PairFacts;
  readonly secrets: PairSecrets;
  /** PEM of the authority of the servers' certificates. */
  readonly ca: string;
  /** false: nothing is written, neither on the hosts nor through the VIP. */
  readonly rows: boolean;
}

export async function verifyPair(options: VerifyOptions): Promise<readonly Verdict[]> {
  const { facts, secrets, ca, rows, ports } = options;
  const [a, b] = ports;
  const [vip, ...answers] = await Promise.all([
    askThroughVip({ pair: facts.pair, password: secrets.verify, ca, write: rows }),
    ...(rows ? [sendRow(a, b), sendRow(b, a)] : []),
  ]);
  return judge(facts, vip, answers);
}

async function sendRow(from: AgentPort, to: AgentPort): Promise<RowAnswer> {
  const token = `verify-${randomUUID()}`;
  const names = { from: from.host.name, to: to.host.name };
  try {
    const started = performance.now();
    resultOrThrow(
      names.from,
      await from.action('verify-row-ensure', 'apply', { token }, { deadlineMs: ROW_MS }),
    );
    const read = await to.action(
      'verify-row-read',
      'plan',
      { token, timeoutMs: ROW_MS },
      { deadlineMs: 2 * ROW_MS },
    );
    const { facts } = resultOrThrow(names.to, read);
    const found = typeof facts === 'object' && facts !== null && 'found' in facts && facts.found === true;
    return { ...names, arrivedMs: found ? Math.round(performance.now() - started) : null, error: null };
  } catch (error) {
    return { ...names, arrivedMs: null, error: toAppError(error).message };
  }
}
