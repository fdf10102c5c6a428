/** Whether a second deploy really changed nothing, by the hosts' own word: change times of files, the general log. */

import type { LabHost } from '../test/lab/lab.ts';
import { sql } from '../test/lab/load/tables.ts';

const mark = '/run/bench-mark';
const control = '/etc/bench-control';
const generalLog = '/var/lib/mysql/bench-general.log';
const folders = ['/etc', '/opt', '/usr', '/root', '/var/lib/hotpair', '/var/lib/dpkg'];
/** hotpair's record of every call, which a deploy that changes nothing is in as well. */
const journal = '/var/lib/hotpair/journal';

/** Sets the mark that later changes are compared with, and lets the server write down every statement. */
export async function startGeneralLog(host: LabHost): Promise<void> {
  await sql(
    host,
    `SET GLOBAL general_log_file='${generalLog}', GLOBAL log_output='FILE', GLOBAL general_log=1;`,
  );
  await host.exec(['touch', mark]);
}

/** Files whose change time is later than the mark; a file touched for the purpose proves that the search sees. */
export async function touchedFiles(host: LabHost): Promise<string[]> {
  await host.exec(['touch', control]);
  const { stdout } = await host.exec(['find', ...folders, '-xdev', '-type', 'f', '-cnewer', mark], {
    check: false, // a folder may be missing
  });
  await host.exec(['rm', control]);
  const paths = stdout.split('\n').filter((path) => path !== '' && !path.startsWith(journal));
  if (!paths.includes(control)) throw new Error(`the search on ${host.name} sees no change at all`);
  return paths.filter((path) => path !== control).map((path) => `${host.name}: ${path}`);
}

/** The statements since the mark, as the server wrote them down; the log is switched off. */
export async function readGeneralLog(host: LabHost): Promise<string> {
  await sql(host, 'SET GLOBAL general_log=0;');
  const { stdout } = await host.exec(['cat', generalLog]);
  if (!/\bSELECT\b/.test(stdout))
    throw new Error(`the general log of ${host.name} holds no statement at all`);
  return stdout;
}

const writing =
  /\b(?:Query|Execute)\s+((?:INSERT|REPLACE|UPDATE|DELETE|CREATE|ALTER|DROP|GRANT|REVOKE|SET\s+GLOBAL|CHANGE|START|STOP|RESET|FLUSH|TRUNCATE)\b.*)$/i;
/** Rows of hotpair's own schema are how a deploy proves that replication works. */
const ownRows = /^(?:INSERT|REPLACE|UPDATE|DELETE)\b.*\bhotpair\b/i;
const transactions = /^START\s+TRANSACTION/i;

/** Statements of a general log that change something, but for the rows of hotpair's own check. Pure. */
export function writingStatements(log: string): string[] {
  return log
    .split('\n')
    .flatMap((line) => writing.exec(line)?.[1]?.trim() ?? [])
    .filter((statement) => !ownRows.test(statement) && !transactions.test(statement))
    .filter((statement) => !/general_log/.test(statement));
}
