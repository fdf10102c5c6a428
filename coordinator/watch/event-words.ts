/** Pieces of the sentences of events. Pure. */

import type { Drift } from '../../shared/model/facts.ts';
import type { HostState } from './host-state.ts';
import type { VipAbsence, VipGap } from './vip-absence.ts';

export interface EventText {
  /** One sentence for people. */
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** How long nobody had the VIP, where this is about its end. */
  readonly absence?: VipAbsence | null;
}

/** `3.2 s`, `4 min`, `2 h`, `5 days`. */
export function seconds(ms: number): string {
  if (ms < 100_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}

/** `; nobody had it for 412 ms`, or nothing where nobody knows. */
export function gapWords(gap: Pick<VipGap, 'gapMs' | 'gapFrom'> | null): string {
  if (gap === null || gap.gapMs === null) return '';
  const length = gap.gapMs < 1000 ? `${gap.gapMs} ms` : seconds(gap.gapMs);
  return `; nobody had it for ${gap.gapFrom === 'guards' ? '' : 'at most '}${length}`;
}

/** ` (up for 2.0 s)`, or nothing where the server did not say. */
export function uptimeWords(host: HostState): string {
  const uptime = host.heartbeat?.database.uptimeSeconds ?? null;
  return uptime === null ? '' : ` (up for ${seconds(uptime * 1000)})`;
}

/** What is wrong with the host's channel, in the server's own words where it has some. */
export function channelWords(host: HostState): string {
  const channel = host.heartbeat?.database.channel ?? null;
  if (channel === null) return 'no replication is set up on it';
  const problems: string[] = [];
  if (channel.ioRunning !== 'Yes')
    problems.push(`Slave_IO_Running is ${channel.ioRunning}${errorWords(channel.ioErrno, channel.ioError)}`);
  if (!channel.sqlRunning)
    problems.push(`Slave_SQL_Running is No${errorWords(channel.sqlErrno, channel.sqlError)}`);
  return problems.length === 0 ? 'both threads run' : problems.join('; ');
}

function errorWords(errno: number, text: string): string {
  return errno === 0 ? '' : ` (error ${errno}: ${text.trim().replace(/\.$/, '')})`;
}

const DRIFT: Readonly<Record<Drift['how'], string>> = {
  missing: 'is gone',
  content: 'has other content',
  mode: 'has another mode or owner',
};

/** `/etc/keepalived/keepalived.conf has other content; ...` */
export function driftWords(drift: readonly Drift[]): string {
  return drift.map(({ path, how }) => `${path} ${DRIFT[how]}`).join('; ');
}
