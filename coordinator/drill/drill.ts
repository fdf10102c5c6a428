/**
 * The how-to's test of a hot-standby pair, done for people: stop the server on the primary, watch the VIP, bring the
 * server back, and see that the VIP stays where it is.
 *
 * Invariant: whatever happens after the stop (an error, Ctrl-C), the server is let go before the drill ends; where the
 * connection is gone as well, recover.ts does it over a new one.
 */

import { randomUUID } from 'node:crypto';
import type { Verdict } from '../../shared/model/verdict.ts';
import { waitFor } from '../../shared/runtime/wait-for.ts';
import type { AgentPort } from '../choreography/facts.ts';
import { milliseconds } from '../report/units.ts';
import { type DrillOptions, step, timedStep } from './drill-step.ts';
import {
  holdServer,
  problemOf,
  readAddresses,
  readHeartbeats,
  readRows,
  releaseServer,
  stopServer,
} from './hosts.ts';
import { type AddressPicture, type DrillMeasures, judgeDrill, missingRows, outageOf } from './judge.ts';
import type { DrillStage } from './stage.ts';
import { deleteRows, startVipWriter, type VipWriter, type VipWriterOptions } from './vip-writer.ts';

export interface DrillResult {
  readonly pair: string;
  readonly vip: string;
  readonly ok: boolean;
  readonly primaryBefore: string;
  readonly primaryAfter: string | null;
  /** Longest time without an acknowledged row, ms; null when the VIP never answered on the other host. */
  readonly outageMs: number | null;
  readonly stopMs: number;
  readonly serverBackMs: number;
  readonly healthyMs: number;
  readonly rowsAcknowledged: number;
  readonly rowsLost: number;
  readonly addresses: {
    readonly before: AddressPicture;
    readonly after: AddressPicture;
    readonly end: AddressPicture;
  };
  readonly verdicts: readonly Verdict[];
}

const FIRST_ROW_MS = 5000;
const ROWS_MS = 5000;
const HEARTBEAT_MS = 5000;
const TAKEOVER_MS = 30_000;
/** A VIP that would come back does so within some advertisements of the server's return. */
const SETTLE_MS = 3000;

export async function runDrill(options: DrillOptions, stage: DrillStage): Promise<DrillResult> {
  const token = `drill-${randomUUID()}`;
  const client: VipWriterOptions = { ...options, token };
  await using writer = startVipWriter(client);
  await step(options, 'client', `A client writes through the VIP ${options.pair.vip}`, async () => {
    await waitFor('the first row through the VIP', () => writer.acknowledged[0], {
      deadlineMs: FIRST_ROW_MS,
      signal: options.signal,
    });
    return '';
  });
  const { after, stopMs, releasedAt } = await loseServer(options, stage, writer);
  const serverBackMs = await waitForServer(options, stage.primary, releasedAt);
  const healthyMs = await waitForHealth(options, releasedAt);
  const end = await watchVip(options, stage);
  await writer.stop();
  const missing = await compareRows(options, writer, token);
  await deleteRows(client);
  return conclude({
    ...{ pair: options.pair, primary: stage.primary.host.name, standby: stage.standby.host.name },
    ...{ acknowledged: writer.acknowledged, before: stage.before, after, end },
    ...{ stopMs, serverBackMs, healthyMs, missing },
  });
}

interface Lost {
  readonly after: AddressPicture;
  readonly stopMs: number;
  /** performance.now() when the server was let go. */
  readonly releasedAt: number;
}

/** Stops the server, waits for the other one, and lets it go again, in every case. */
async function loseServer(
  options: DrillOptions,
  { primary, standby }: DrillStage,
  writer: VipWriter,
): Promise<Lost> {
  const { name } = primary.host;
  const lost = { after: {} as AddressPicture, stopMs: 0 };
  try {
    await step(options, 'stop', `Stop the server on ${name}`, async () => {
      await holdServer(primary, `held by coordinator drill ${options.pair.name}`);
      const started = performance.now();
      await stopServer(primary);
      lost.stopMs = performance.now() - started;
      return milliseconds(lost.stopMs);
    });
    await step(options, 'takeover', `The VIP answers on ${standby.host.name}`, async () => {
      const outage = await waitFor(
        `${standby.host.name} to take a row through the VIP (last error: ${writer.lastError ?? 'none'})`,
        () => outageOf(writer.acknowledged, primary.host.ordinal) ?? undefined,
        { deadlineMs: TAKEOVER_MS, intervalMs: 10, signal: options.signal },
      );
      lost.after = await readAddresses(options.ports);
      return `${milliseconds(outage.outageMs)} without a row`;
    });
  } finally {
    await step(options, 'release', `Let the server on ${name} come back`, async () => {
      await releaseServer(primary);
      return '';
    });
  }
  return { ...lost, releasedAt: performance.now() };
}

async function waitForServer(options: DrillOptions, primary: AgentPort, since: number): Promise<number> {
  return await timedStep(options, 'back', `The server on ${primary.host.name} is back`, since, async () => {
    const { database } = await primary.call('heartbeat', {}, { deadlineMs: HEARTBEAT_MS });
    return database.up ? true : undefined;
  });
}

async function waitForHealth(options: DrillOptions, since: number): Promise<number> {
  return await timedStep(options, 'healthy', 'Both replicate again', since, async () => {
    return problemOf(options.pair, await readHeartbeats(options.ports)) === null ? true : undefined;
  });
}

/** The VIP is looked at for a while after the return; the last picture is what counts. */
async function watchVip(options: DrillOptions, { standby }: DrillStage): Promise<AddressPicture> {
  let picture: AddressPicture = {};
  await step(options, 'stay', `The VIP stays on ${standby.host.name}`, async () => {
    const end = performance.now() + SETTLE_MS;
    picture = await waitFor(
      'the VIP to settle',
      async () => {
        const seen = await readAddresses(options.ports);
        const left = !(seen[standby.host.name] ?? []).some((one) => one.address === options.pair.vip);
        return left || performance.now() >= end ? seen : undefined;
      },
      { deadlineMs: SETTLE_MS * 3, intervalMs: 200, signal: options.signal },
    );
    return `watched for ${milliseconds(SETTLE_MS)}`;
  });
  return picture;
}

/** A moment is left for the last rows to be applied on the standby. */
async function compareRows(
  options: DrillOptions,
  writer: VipWriter,
  token: string,
): Promise<Record<string, number>> {
  const missing: Record<string, number> = {};
  await step(options, 'rows', 'Every acknowledged row is on both hosts', async () => {
    const compare = async (): Promise<true | undefined> => {
      for (const port of options.ports)
        missing[port.host.name] = missingRows(writer.acknowledged, await readRows(port, token));
      return Object.values(missing).every((count) => count === 0) ? true : undefined;
    };
    // Rows that are still missing after that are the result, not an error of the drill.
    await waitFor('the rows', compare, { deadlineMs: ROWS_MS, signal: options.signal }).catch(
      () => undefined,
    );
    return `${writer.acknowledged.length} rows`;
  });
  return missing;
}

function conclude(measures: DrillMeasures): DrillResult {
  const verdicts = judgeDrill(measures);
  const { pair, acknowledged, missing, before, after, end } = measures;
  const ordinal = pair.hosts.find((host) => host.name === measures.primary)?.ordinal ?? 0;
  const outage = outageOf(acknowledged, ordinal);
  return {
    ...{ pair: pair.name, vip: pair.vip, ok: verdicts.every((verdict) => verdict.ok) },
    ...{ primaryBefore: measures.primary, primaryAfter: outage === null ? null : measures.standby },
    outageMs: outage === null ? null : Math.round(outage.outageMs),
    stopMs: Math.round(measures.stopMs),
    serverBackMs: Math.round(measures.serverBackMs),
    healthyMs: Math.round(measures.healthyMs),
    rowsAcknowledged: acknowledged.length,
    rowsLost: Math.max(0, ...Object.values(missing)),
    ...{ addresses: { before, after, end }, verdicts },
  };
}
