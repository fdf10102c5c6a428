/** The state of one pair as one aligned screen. Pure. */

import type { Heartbeat } from '../../shared/model/facts.ts';
import type { Style } from '../cli/output.ts';
import { driftWords } from '../watch/event-words.ts';
import type { PairStatus } from './status.ts';

/** Rows of the table: the first cell names what it is, then one cell a host. None where no host answers. */
export function statusRows(status: PairStatus, style: Style): readonly (readonly string[])[] {
  if (status.hosts.every(({ heartbeat }) => heartbeat === null)) return [];
  const [vip = ''] = status.vip.split('/');
  const row = (title: string, cell: (heartbeat: Heartbeat) => string): string[] => [
    style.dim(title),
    ...status.hosts.map(({ heartbeat }) => (heartbeat === null ? style.dim('?') : cell(heartbeat))),
  ];
  return [
    ['', ...status.hosts.map(({ name, address }) => `${style.bold(name)} ${style.dim(address)}`)],
    row('role', (one) => roleCell(one, vip, style)),
    row('server', (one) => serverCell(one, style)),
    row('writes', (one) => writesCell(one, style)),
    row('replication', (one) => replicationCell(one, style)),
    row('lag', lagCell),
    row('guard', (one) => guardCell(one, style)),
    row('votes', (one) => votesCell(one, style)),
    row('services', (one) => servicesCell(one, style)),
    row('position', ({ database }) => database.gtidBinlogPos || '-'),
    row('disk free', ({ diskFreeBytes, diskTotalBytes }) => diskCell(diskFreeBytes, diskTotalBytes)),
    row('certificates', certificatesCell),
  ];
}

export function statusHeading(status: PairStatus, style: Style): string {
  const state = status.healthy ? style.green('● healthy') : style.red('● not healthy');
  const parts = [
    state,
    ...protectionWords(status, style),
    `VIP ${style.cyan(status.vip)} ${vipPlace(status)}`,
  ];
  return `${style.bold(status.pair)}  ${parts.join('   ')}`;
}

/** SYNC or SOLO by the newest record that a guard tells of. */
function protectionWords({ hosts }: PairStatus, style: Style): string[] {
  const told = hosts.flatMap(({ heartbeat }) => heartbeat?.guard?.voting ?? []);
  const mode = told.toSorted((a, b) => (b.epoch ?? 0) - (a.epoch ?? 0))[0]?.mode ?? null;
  if (mode === null) return [];
  return [
    mode === 'sync'
      ? style.green('SYNC, each commit on both')
      : style.yellow('SOLO, commits on one host only'),
  ];
}

function vipPlace({ primary, hosts }: PairStatus): string {
  if (primary !== null) return `on ${primary}`;
  return hosts.some(({ heartbeat }) => heartbeat === null) ? 'not seen' : 'on no single host';
}

/** What the table has no room for: why it is so, in the guards' own words. */
export function statusNotes(status: PairStatus, style: Style): readonly string[] {
  const silent = status.hosts.some(({ heartbeat }) => heartbeat === null);
  return [
    // Why a host does not answer is told with the host.
    ...(status.problem === null || silent ? [] : [style.red(sentence(status.problem))]),
    ...(status.fence === 'none' ? [style.yellow(UNFENCED)] : []),
    ...status.hosts.flatMap(({ name, heartbeat, error }) => {
      if (heartbeat === null) return [style.red(`${name}: ${error ?? 'its agent does not answer.'}`)];
      return [...guardNote(name, heartbeat).map(style.dim), ...driftNote(name, heartbeat).map(style.yellow)];
    }),
  ];
}

const UNFENCED =
  'No fence (fence: none): a host whose guard hangs or is gone can still be reached; reads can be old there.';
const AT_REST: readonly string[] = ['PRIMARY_SYNC', 'STANDBY_READY'];

/** Nothing where the guard is at rest: its last decision explains no present state then. */
function guardNote(name: string, { guard, time }: Heartbeat): string[] {
  if (guard === null) return [];
  const { voting, role } = guard;
  const serves = role === 'primary' || role === 'standby';
  if (serves && voting !== null && AT_REST.includes(voting.phase) && voting.order === null) return [];
  return [`${name}: ${guard.reason} (${guard.row}, for ${duration(time - guard.since)})`];
}

function driftNote(name: string, { drift }: Heartbeat): string[] {
  if (drift.length === 0) return [];
  return [`${name}: not as deployed: ${driftWords(drift)}; coordinator plan shows the difference`];
}

/** A name at the beginning (`db1: …`) stays as it is. */
function sentence(text: string): string {
  if (/^\S+:/.test(text)) return `${text}.`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function roleCell(heartbeat: Heartbeat, vip: string, style: Style): string {
  const role = heartbeat.guard?.role ?? 'no guard';
  const paint = role === 'primary' ? style.green : role === 'standby' ? style.cyan : style.yellow;
  return paint(role) + (holds(heartbeat, vip) ? ` ${style.bold('VIP')}` : '');
}

function serverCell({ database }: Heartbeat, style: Style): string {
  if (!database.up) return style.red('down');
  const [version = ''] = (database.version ?? '').split('-');
  return `${style.green('up')} ${duration((database.uptimeSeconds ?? 0) * 1000)}, ${version}`;
}

function writesCell({ database }: Heartbeat, style: Style): string {
  if (!database.up || database.readOnly === null) return style.dim('-');
  return database.readOnly ? 'read-only' : style.green('writable');
}

function replicationCell({ database: { channel } }: Heartbeat, style: Style): string {
  if (channel === null) return style.yellow('not configured');
  const io = channel.ioRunning;
  const sql = channel.sqlRunning ? 'Yes' : 'No';
  const good = io === 'Yes' && channel.sqlRunning;
  return (good ? style.green : style.red)(`IO ${io}, SQL ${sql}`) + (channel.ssl ? style.dim(' TLS') : '');
}

function lagCell({ database: { channel } }: Heartbeat): string {
  const behind = channel?.secondsBehind ?? null;
  return behind === null ? '-' : `${behind} s`;
}

function guardCell({ guard }: Heartbeat, style: Style): string {
  if (guard === null) return style.red('not running');
  return guard.permit ? style.green('permits the VIP') : style.yellow('denies the VIP');
}

/** How many votes the host has, and whom its guard does not hear. */
function votesCell({ guard }: Heartbeat, style: Style): string {
  const voting = guard?.voting ?? null;
  if (voting === null) return style.dim('-');
  const { own, peer, witness } = voting.votes;
  // A standby asks the witness when it votes, and hears nothing of it before.
  const asked = voting.leased ? (['peer', 'witness'] as const) : (['peer'] as const);
  const deaf = asked.filter((voter) => !voting.hears[voter]);
  const words = `${own} of ${own + peer + witness}`;
  return deaf.length === 0 ? words : `${words}, ${style.yellow(`hears no ${deaf.join(', no ')}`)}`;
}

const UNITS: Readonly<Record<string, string>> = {
  'mariadb.service': 'mariadb',
  'keepalived.service': 'keepalived',
  'hotpair-guard.service': 'guard',
};

function servicesCell({ services }: Heartbeat, style: Style): string {
  return Object.entries(UNITS)
    .map(([unit, name]) => {
      const active = services.find((service) => service.unit === unit)?.active ?? 'absent';
      return active === 'active' ? style.green(`✔ ${name}`) : style.red(`✖ ${name} ${active}`);
    })
    .join(' ');
}

function diskCell(free: number, total: number): string {
  const percent = total === 0 ? 0 : Math.round((100 * free) / total);
  return `${(free / 1024 ** 3).toFixed(1)} GiB, ${percent} %`;
}

function certificatesCell({ certificates, time }: Heartbeat): string {
  const ends = Object.values(certificates);
  return ends.length === 0 ? '-' : `${Math.floor((Math.min(...ends) - time) / 86_400_000)} days left`;
}

/** 42 s, 3 min, 5 h, 12 days. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

function holds({ addresses }: Heartbeat, vip: string): boolean {
  return addresses.some(({ address }) => address === vip);
}
