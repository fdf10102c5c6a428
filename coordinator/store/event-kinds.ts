/** The registry of event kinds: what each one means and how serious it is. docs/events.md is generated from it. */

/** ok = something is well again, info = for the record, warning = look at it today, critical = look at it now. */
export type Severity = 'ok' | 'info' | 'warning' | 'critical';

export interface EventKindSpec {
  readonly severity: Severity;
  readonly meaning: string;
}

export const EVENT_KINDS = {
  AgentLost: {
    severity: 'warning',
    meaning: 'No heartbeat came from the agent of a host for over 3 s, so nothing is known about the host.',
  },
  AgentBack: { severity: 'ok', meaning: 'The agent of a host sends heartbeats again.' },
  ServerDown: { severity: 'critical', meaning: 'The database server of a host no longer answers.' },
  ServerUp: { severity: 'ok', meaning: 'The database server of a host answers again.' },
  VipMoved: {
    severity: 'warning',
    meaning:
      'The virtual IP went from one host to the other. data: from, to, gapMs (how long nobody had it), began, ended, gapFrom (guards: exact; heartbeats: no longer than this). Corrected when the decisions of the guards are there.',
  },
  VipDuplicated: { severity: 'critical', meaning: 'Two hosts hold the virtual IP at the same time.' },
  VipMissing: { severity: 'critical', meaning: 'No host holds the virtual IP.' },
  VipRestored: {
    severity: 'ok',
    meaning:
      'Exactly one host holds the virtual IP again. data: missingMs, began, ended and gapFrom as of a move, where it is the host that had it before.',
  },
  RoleChanged: {
    severity: 'info',
    meaning: 'A host became primary or standby. data: from, to, phases (of the takeover, in ms).',
  },
  WritersDuplicated: { severity: 'critical', meaning: 'Both servers accept writes at the same time.' },
  WritersRestored: { severity: 'ok', meaning: 'No more than one server accepts writes again.' },
  ProtectionLost: {
    severity: 'warning',
    meaning:
      'The pair went to SOLO: the primary commits alone, so a second fault stops the pair and may lose the newest commits. data: from.',
  },
  ProtectionRestored: {
    severity: 'ok',
    meaning:
      'The pair is in SYNC again: every acknowledged commit is on both hosts. data: from, soloMs (how long it was not).',
  },
  ReplicationBroken: {
    severity: 'critical',
    meaning: 'A replication thread of a host has stopped or cannot connect. data: the channel.',
  },
  ReplicationLagging: { severity: 'warning', meaning: 'The standby applies changes over 10 s late.' },
  ReplicationHealthy: { severity: 'ok', meaning: 'Both replication threads run again, and without lag.' },
  KeepalivedDown: {
    severity: 'critical',
    meaning: 'keepalived does not run on a host, so it cannot take the VIP.',
  },
  KeepalivedUp: { severity: 'ok', meaning: 'keepalived runs again on a host.' },
  GuardDown: {
    severity: 'critical',
    meaning: 'The guard does not run or is silent on a host, so nobody promotes or demotes its server.',
  },
  GuardUp: { severity: 'ok', meaning: 'The guard runs again on a host.' },
  ConfigDrift: {
    severity: 'warning',
    meaning:
      'Files that a deploy wrote were changed or removed by somebody else; the next deploy puts them back. data: files.',
  },
  ConfigRestored: {
    severity: 'ok',
    meaning: 'All files of a host are as they were deployed again. data: files.',
  },
  DeployStarted: { severity: 'info', meaning: 'A deploy run began.' },
  DeployFinished: { severity: 'info', meaning: 'A deploy run ended. data: outcome, changes.' },
  ReseedStarted: { severity: 'info', meaning: 'A host is given a copy of the data of the primary.' },
  ReseedFinished: {
    severity: 'ok',
    meaning:
      'A host has a new copy of the data, and the pair is in SYNC. data: saved, a file, where the host had rows of its own.',
  },
  DrillStarted: {
    severity: 'info',
    meaning: 'A drill began: the server on the primary is stopped on purpose.',
  },
  DrillFinished: { severity: 'info', meaning: 'A drill ended. data: outcome, outageMs.' },
  ReportSent: {
    severity: 'info',
    meaning: 'A health report was made and delivered. data: schedule, due, file.',
  },
  ReportFailed: {
    severity: 'warning',
    meaning: 'A health report could not be delivered; it is kept in the reports folder.',
  },
  ReportMissed: {
    severity: 'warning',
    meaning: 'The daemon was not running when a report was due. data: schedule, count, first, last.',
  },
  AlertRaised: { severity: 'info', meaning: 'Receivers of alerts are told of trouble. data: rule, to.' },
  AlertAcknowledged: { severity: 'info', meaning: 'Somebody deals with an alert. data: rule, by.' },
  AlertCleared: {
    severity: 'info',
    meaning: 'Receivers of alerts are told that it is over. data: rule, to.',
  },
  AlertFailed: {
    severity: 'warning',
    meaning: 'An alert could not be delivered. data: alert, receiver, rule.',
  },
  WitnessBack: {
    severity: 'ok',
    meaning:
      'The witness, the third vote of a pair, votes: either host can be lost. data: from, afterMs, epoch, weights.',
  },
  WitnessMuted: {
    severity: 'warning',
    meaning:
      'The witness does not vote for the moment: it has just started, reaches no guard, or cannot write. data: from, to.',
  },
  WitnessRecordLost: {
    severity: 'warning',
    meaning:
      'The witness does not know how it voted (its file is missing or damaged): it votes again once the pair has taken it in. data: from, to, detail.',
  },
  DaemonStarted: {
    severity: 'info',
    meaning: 'coordinator serve started. data: schedules (of reports, by name).',
  },
  DaemonStopped: { severity: 'info', meaning: 'coordinator serve stopped.' },
  StoreReplaced: {
    severity: 'warning',
    meaning: 'The store was damaged; it was set aside under another name and a new one was begun.',
  },
} as const satisfies Record<string, EventKindSpec>;

export type EventKind = keyof typeof EVENT_KINDS;

/**
 * How serious one event is: what follows from another event (data.consequence), and the first sight of something
 * (data.from is null), are only for the record.
 */
export function severityOf(event: {
  readonly kind: EventKind;
  readonly data: Readonly<Record<string, unknown>>;
}): Severity {
  const { consequence, from } = event.data;
  return consequence === true || from === null ? 'info' : EVENT_KINDS[event.kind].severity;
}

export function isEventKind(value: unknown): value is EventKind {
  return typeof value === 'string' && Object.hasOwn(EVENT_KINDS, value);
}
