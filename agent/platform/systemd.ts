/** systemd: argument lists and parsers. Pure. Sources: systemctl(1), journalctl(1), systemd-run(1), org.freedesktop.systemd1(5). */

import type { CommandLine, LogQuery, LogRecord, ServiceManager, UnitState } from './platform.ts';

const PROPERTIES = [
  'Id',
  'LoadState',
  'ActiveState',
  'UnitFileState',
  'MainPID',
  'ActiveEnterTimestamp',
  'ExecMainStartTimestamp',
  'StateChangeTimestamp',
  'InvocationID',
  'NeedDaemonReload',
  'Result',
];
const ENABLED = new Set(['enabled', 'enabled-runtime', 'alias', 'static', 'generated']);

export const systemd: ServiceManager = {
  name: 'systemd',
  showArgv: (units) => [
    'systemctl',
    'show',
    '--timestamp=us+utc',
    `--property=${PROPERTIES.join(',')}`,
    '--',
    ...units,
  ],
  parseShow: parseSystemctlShow,
  actionArgv: (verb, unit) => ['systemctl', '--no-ask-password', verb, '--', unit],
  reloadManagerArgv: () => ['systemctl', 'daemon-reload'],
  logArgv,
  parseLogLine,
  detached,
};

/** Blocks of KEY=VALUE, one a unit, parted by an empty line, in the order of the question. */
export function parseSystemctlShow(output: string, units: readonly string[]): readonly UnitState[] {
  const blocks = output.split(/\n\s*\n/).map((block) => {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      const cut = line.indexOf('=');
      if (cut > 0) fields.set(line.slice(0, cut), line.slice(cut + 1));
    }
    return fields;
  });
  return units.map((unit, index) => unitState(unit, blocks[index] ?? new Map()));
}

function unitState(unit: string, fields: ReadonlyMap<string, string>): UnitState {
  const loaded = fields.get('LoadState') ?? 'not-found';
  const active = fields.get('ActiveState') ?? 'inactive';
  const pid = Number(fields.get('MainPID') ?? '0');
  // A unit whose file is gone but whose process still runs is not absent.
  const absent = loaded === 'not-found' && (active === 'inactive' || active === 'failed');
  return {
    unit,
    active: absent ? 'absent' : active,
    enabled: ENABLED.has(fields.get('UnitFileState') ?? ''),
    pid: pid > 0 ? pid : null,
    activeSince: active === 'active' ? parseTimestamp(fields.get('ActiveEnterTimestamp')) : null,
    mainStartedAt: pid > 0 ? parseTimestamp(fields.get('ExecMainStartTimestamp')) : null,
    stateChangedAt: parseTimestamp(fields.get('StateChangeTimestamp')),
    invocationId: fields.get('InvocationID') ?? '',
    needsReload: fields.get('NeedDaemonReload') === 'yes',
    result: fields.get('Result') ?? '',
  };
}

/** "Sun 2026-11-22 15:46:16.123456 UTC" -> ms since the epoch, with the microseconds as fraction. */
export function parseTimestamp(text: string | undefined): number | null {
  const match = /(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))? UTC$/.exec(text ?? '');
  if (match === null) return null;
  const whole = Date.parse(`${match[1]}T${match[2]}Z`);
  return whole + Number((match[3] ?? '').padEnd(6, '0')) / 1000;
}

function logArgv(query: LogQuery): readonly string[] {
  return [
    'journalctl',
    '--no-pager',
    '--output=json',
    `--lines=${query.lines}`,
    ...(query.follow === true ? ['--follow'] : []),
    ...(query.since === undefined ? [] : [`--since=@${(query.since / 1000).toFixed(6)}`]),
    ...query.units.map((unit) => `--unit=${unit}`),
    ...(query.invocationId === undefined ? [] : [`_SYSTEMD_INVOCATION_ID=${query.invocationId}`]),
  ];
}

export function parseLogLine(line: string): LogRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const fields = new Map<string, unknown>(Object.entries(value));
  const time = Number(fields.get('__REALTIME_TIMESTAMP'));
  if (!Number.isFinite(time)) return null;
  return {
    time: Math.floor(time / 1000),
    unit: String(fields.get('_SYSTEMD_UNIT') ?? fields.get('UNIT') ?? fields.get('SYSLOG_IDENTIFIER') ?? ''),
    priority: Number(fields.get('PRIORITY') ?? 6),
    message: messageText(fields.get('MESSAGE')),
  };
}

/** journalctl writes a message that is not UTF-8 as an array of bytes, and a very long one as null. */
function messageText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((byte) => typeof byte === 'number'))
    return Buffer.from(value).toString('utf8');
  return '';
}

/** A unit of its own: it survives the agent, and runs without the agent's restrictions. */
function detached(name: string, command: CommandLine, logFile: string): readonly string[] {
  return [
    'systemd-run',
    '--quiet',
    '--wait',
    '--collect',
    '--service-type=exec',
    `--unit=${name}`,
    `--property=StandardOutput=append:${logFile}`,
    `--property=StandardError=append:${logFile}`,
    '--setenv=LC_ALL=C',
    '--setenv=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...Object.entries(command.env).map(([key, value]) => `--setenv=${key}=${value}`),
    '--',
    ...command.argv,
  ];
}
