/** Asks the service manager, and acts on one unit. */

import type { LogRecord, UnitState } from '../platform/platform.ts';
import type { Host } from './host.ts';

export async function readUnits(host: Host, units: readonly string[]): Promise<readonly UnitState[]> {
  const manager = host.platform.services;
  const answer = await host.run(manager.showArgv(units), { timeoutMs: 10_000, check: false });
  return manager.parseShow(answer.stdout, units);
}

export async function readUnit(host: Host, unit: string): Promise<UnitState> {
  const [state] = await readUnits(host, [unit]);
  if (state === undefined) throw new Error(`the service manager said nothing about ${unit}`);
  return state;
}

export async function readUnitLog(
  host: Host,
  units: readonly string[],
  lines: number,
  limits: { readonly since?: number; readonly invocationId?: string } = {},
): Promise<readonly LogRecord[]> {
  const manager = host.platform.services;
  const answer = await host.run(manager.logArgv({ units, lines, ...limits }), {
    timeoutMs: 20_000,
    check: false,
  });
  return answer.stdout.split('\n').flatMap((line) => manager.parseLogLine(line) ?? []);
}
