/** What the schema cannot say about the coordinator's own part, and about what others use too: zones, addresses, URLs. */

import { isIP } from 'node:net';
import type { HotpairFile } from '../../shared/model/hotpair-file.ts';
import { parseListen } from './normalize.ts';
import type { Path, Report } from './problems.ts';

type CoordinatorFile = NonNullable<HotpairFile['coordinator']>;
type SmtpFile = NonNullable<CoordinatorFile['smtp']>;

export function checkRecipient(
  address: string,
  smtp: SmtpFile | undefined,
  path: Path,
  report: Report,
): void {
  if (!isEmail(address)) report(path, `must be an e-mail address, not ${JSON.stringify(address)}`);
  if (smtp === undefined) report(path, 'e-mail needs a server to send it: coordinator.smtp is missing');
}

export function checkCoordinator(coordinator: CoordinatorFile, report: Report): void {
  const { listen, data, smtp } = coordinator;
  if (listen !== undefined) checkListen(listen, ['coordinator', 'listen'], report);
  if (data === '') report(['coordinator', 'data'], 'must be the path of a folder');
  if (smtp !== undefined) checkSmtp(smtp, ['coordinator', 'smtp'], report);
}

function checkListen(listen: string, path: Path, report: Report): void {
  if (!isListen(listen))
    report(path, `must be an address and a port such as 127.0.0.1:8080, not ${JSON.stringify(listen)}`);
}

function checkSmtp(smtp: SmtpFile, path: Path, report: Report): void {
  if (!isHostName(smtp.host)) report([...path, 'host'], 'must be the name or address of a mail server');
  if (!isEmail(smtp.from)) report([...path, 'from'], 'must be an e-mail address');
  if (smtp.user !== undefined && smtp.password_file === undefined)
    report([...path, 'user'], 'needs password_file, the file with the password');
  if (smtp.password_file !== undefined && smtp.user === undefined)
    report([...path, 'password_file'], 'needs user, the account that the password belongs to');
}

export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isEmail(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>"(),:;\\]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text);
}

export function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function isListen(text: string): boolean {
  const { host, port } = parseListen(text);
  return (isIP(host) !== 0 || isHostName(host)) && port >= 1 && port <= 65_535;
}

function isHostName(text: string): boolean {
  return text.length <= 253 && /^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/.test(text);
}
