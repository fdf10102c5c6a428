/**
 * What differs between operating systems: the package manager and the service manager, as argv builders and output
 * parsers. Another system (dnf, sysvinit) is another file that builds these interfaces, and a line in detect.ts.
 */

export interface PackageState {
  readonly version: string;
  /** Unpacked and configured; false where an earlier run was interrupted. */
  readonly complete: boolean;
}

export interface CommandLine {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface PackageManager {
  readonly name: string;
  /** Lists the named packages that the host knows; exits non-zero where it knows none, which is no error. */
  queryArgv(names: readonly string[]): readonly string[];
  parseQuery(output: string): ReadonlyMap<string, PackageState>;
  /** Asks which of the names could be installed now, without looking at the network. */
  candidatesArgv(names: readonly string[]): readonly string[];
  /** Versions by name; what cannot be installed is left out. */
  parseCandidates(output: string): ReadonlyMap<string, string>;
  refresh(): CommandLine;
  install(names: readonly string[], lockTimeoutMs: number): CommandLine;
  /** Finishes what an interrupted run left half done. */
  repair(): CommandLine;
  /** A package is half-installed, or the manager itself was cut off. */
  interruptedArgv(): readonly string[];
  parseInterrupted(output: string): boolean;
  /** Files that it locks by fcntl while it works. */
  readonly lockFiles: readonly string[];
  /** The words of a run that failed because of such a lock. */
  isLockFailure(output: string): boolean;
}

export interface UnitState {
  readonly unit: string;
  /** ActiveState, or "absent" when there is no such unit. */
  readonly active: string;
  readonly enabled: boolean;
  readonly pid: number | null;
  /** Milliseconds since the epoch with fractions. */
  readonly activeSince: number | null;
  readonly mainStartedAt: number | null;
  readonly stateChangedAt: number | null;
  /** Changes with every start. */
  readonly invocationId: string;
  /** The unit's file changed after the manager read it. */
  readonly needsReload: boolean;
  readonly result: string;
}

export interface LogRecord {
  readonly time: number;
  readonly unit: string;
  readonly priority: number;
  readonly message: string;
}

export interface ServiceManager {
  readonly name: string;
  showArgv(units: readonly string[]): readonly string[];
  /** One state for each unit, in the order of the question. */
  parseShow(output: string, units: readonly string[]): readonly UnitState[];
  actionArgv(
    verb: 'start' | 'stop' | 'restart' | 'reload' | 'enable' | 'disable' | 'reset-failed',
    unit: string,
  ): readonly string[];
  reloadManagerArgv(): readonly string[];
  logArgv(query: LogQuery): readonly string[];
  /** One line of the log's JSON output; null for a line that is none. */
  parseLogLine(line: string): LogRecord | null;
  /** Wraps a command so that it goes on when the agent dies, with its output in `logFile`. */
  detached(name: string, command: CommandLine, logFile: string): readonly string[];
}

export interface LogQuery {
  readonly units: readonly string[];
  readonly lines: number;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly follow?: boolean;
  readonly invocationId?: string;
}

export interface Platform {
  readonly packages: PackageManager;
  readonly services: ServiceManager;
}
