/** The server's own hash of a password (mysql_native_password): "*" and SHA1(SHA1(password)) in upper-case hex. Pure. */

import { createHash } from 'node:crypto';

export function nativePasswordHash(password: string): string {
  const inner = createHash('sha1').update(password, 'utf8').digest();
  return `*${createHash('sha1').update(inner).digest('hex').toUpperCase()}`;
}
