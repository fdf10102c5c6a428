/** The registry of every error code that leaves a process: what it means and what to do. docs/errors.md is generated from it. */

export interface ErrorCode {
  readonly meaning: string;
  readonly remedy: string;
}

export const ERROR_CODES = {
  INTERNAL: {
    meaning: 'A fault inside hotpair that no rule foresaw.',
    remedy: 'Read the log of the process that is named, and report it with the log lines.',
  },
  USAGE: {
    meaning: 'The command line is not valid.',
    remedy: 'coordinator help COMMAND shows how it is used.',
  },
  INVALID_PARAMS: {
    meaning: 'The parameters of a call do not fit its schema.',
    remedy: 'Correct the field that the message names.',
  },
  METHOD_NOT_FOUND: {
    meaning: 'The agent does not know this method or action.',
    remedy: 'Install the agent of this version: coordinator agent install.',
  },
  MALFORMED_FRAME: {
    meaning: 'A WebSocket message was not JSON-RPC 2.0, or was too large.',
    remedy: 'Use a client of the same version.',
  },
  REPLAYED_KEY: {
    meaning: 'An idempotency key was used again with other parameters.',
    remedy: 'Use a fresh key for every new call.',
  },
  DEADLINE_EXCEEDED: {
    meaning: 'A call did not finish within its deadline.',
    remedy: 'See what the host is busy with (coordinator logs), then run the command again.',
  },
  CANCELLED: { meaning: 'The caller cancelled the call.', remedy: 'Run the command again when wanted.' },
  CONNECTION_LOST: {
    meaning: 'The connection to the agent ended before the answer came.',
    remedy: 'Check that the host is up and that hotpair-agent runs there, then run the command again.',
  },
  AGENT_UNREACHABLE: {
    meaning: 'No agent answers on the host.',
    remedy: 'Check the address, the firewall and systemctl status hotpair-agent on the host.',
  },
  AGENT_VERSION: {
    meaning: 'The agent on the host is of another version than this coordinator.',
    remedy: 'coordinator agent install brings it to this version.',
  },
  CERTIFICATE_REJECTED: {
    meaning: 'A certificate is expired, of another authority, or not for this host.',
    remedy: 'coordinator agent install issues a new certificate.',
  },
  SSH_FAILED: {
    meaning: 'ssh to the host failed.',
    remedy: 'Try the printed ssh command by hand; hotpair uses the system OpenSSH and its configuration.',
  },
  HOST_KEY_CHANGED: {
    meaning: 'The host answers ssh with another key than before.',
    remedy:
      'If the host was reinstalled, remove the old key (ssh-keygen -R HOST); otherwise find out who answers.',
  },
  COMMAND_FAILED: {
    meaning: 'A program on the host ended with an error.',
    remedy: 'Read its own words in the message.',
  },
  PACKAGE_LOCKED: {
    meaning: 'Another program holds the package manager lock of the host.',
    remedy: 'Wait until it is done (the message names it), then run the command again.',
  },
  DISK_FULL: {
    meaning: 'The disk of the host is full.',
    remedy: 'Free space on the file system that is named.',
  },
  PATH_REFUSED: {
    meaning: 'A file action was asked for a path outside the allowed folders, or through a symbolic link.',
    remedy: 'Only the folders that hotpair manages can be written.',
  },
  CONFIG_REJECTED: {
    meaning: 'The program that a configuration file is for rejected it; the previous file is in place.',
    remedy: 'Correct the setting that the program names.',
  },
  SERVER_START_FAILED: {
    meaning: 'The database server did not start with the new configuration; the previous one was put back.',
    remedy: "Correct the setting that the server's own words name.",
  },
  SQL_FAILED: { meaning: 'The database server refused a statement.', remedy: "Read the server's own words." },
  DATABASE_DOWN: {
    meaning: 'The database server on the host does not answer.',
    remedy: 'coordinator logs HOST shows why; systemctl status mariadb on the host.',
  },
  NOT_CONVERGED: {
    meaning: 'After an action was applied, its check still finds differences.',
    remedy: 'Something else changes the same thing on the host; find it and run the command again.',
  },
  FENCE_UNAVAILABLE: {
    meaning:
      "The kernel's packet filter, which keeps clients away from a host that may not serve, cannot be used.",
    remedy:
      'Install the nftables package and see that the kernel has nf_tables; the message gives the words of nft.',
  },
  PREFLIGHT_FAILED: {
    meaning: 'The hosts are not ready for a deploy; nothing was touched.',
    remedy: 'Each problem is listed with its remedy.',
  },
  STEP_BLOCKED: {
    meaning: 'A step of the deploy cannot start as things are.',
    remedy: 'The message says what it waits for.',
  },
  PAIR_BUSY: {
    meaning: 'Another coordinator is at work on the same pair.',
    remedy: 'Wait until it is done; the message names it.',
  },
  PAIR_UNHEALTHY: {
    meaning: 'The pair is not healthy, so the command was refused.',
    remedy: 'coordinator status names what is wrong; coordinator deploy repairs it.',
  },
  SWITCHOVER_FAILED: {
    meaning: 'A switchover did not come to its end.',
    remedy: 'The message says who serves and why; coordinator status shows the pair as it is now.',
  },
  VERIFY_FAILED: {
    meaning: 'A check of the pair failed.',
    remedy: 'The failed check says what was expected and what was found.',
  },
  CONFIG_INVALID: {
    meaning: 'hotpair.yaml is not valid.',
    remedy: 'Correct the place that the message names by line and column.',
  },
  NOT_FOUND: {
    meaning: 'The named thing does not exist.',
    remedy: 'Use one of the names that the message lists.',
  },
  REFUSED: {
    meaning: 'The command was refused for safety.',
    remedy: 'The message says why and what would make it safe.',
  },
  UNAUTHENTICATED: {
    meaning: 'The request carries no token, or none that counts (any more).',
    remedy:
      'Send Authorization: Bearer TOKEN; coordinator token create NAME --role ROLE, on the coordinator, makes one.',
  },
  FORBIDDEN: {
    meaning: 'The token may not do this.',
    remedy: 'Use a token of the role that the message names.',
  },
  TOO_MANY_REQUESTS: {
    meaning: 'More requests came than are answered in a minute.',
    remedy: 'Wait as long as the header retry-after says.',
  },
  STORE_UNAVAILABLE: {
    meaning: "The coordinator's store cannot be read or written now.",
    remedy: 'The message says why. A damaged store is set aside by itself; then try again.',
  },
  DELIVERY_FAILED: {
    meaning: 'A report or an alert could not be delivered.',
    remedy:
      'Check the address and the server that the message names. A report is kept in the reports folder, an alert is tried again for a day.',
  },
} as const satisfies Record<string, ErrorCode>;

export type ErrorCodeName = keyof typeof ERROR_CODES;

export function isErrorCodeName(value: unknown): value is ErrorCodeName {
  return typeof value === 'string' && Object.hasOwn(ERROR_CODES, value);
}
