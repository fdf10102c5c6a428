/** Parameters of calls without what must not be kept: passwords, and the content of files. Pure but for hashing. */

import { createHash } from 'node:crypto';

const CENSOR = '[redacted]';
const SECRET_KEYS = new Set(['password', 'secretValue', 'privateKey']);
const LONGEST_TEXT = 500;

/** A copy for the journal; the shape stays, so that a reader sees what was asked. */
export function redactParams(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactParams);
  if (typeof value === 'string') return shorten(value);
  if (typeof value !== 'object' || value === null) return value;
  const secretFile = 'secret' in value && value.secret === true;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (SECRET_KEYS.has(key)) return [key, CENSOR];
      if (key === 'content' && typeof inner === 'string') return [key, secretFile ? CENSOR : describe(inner)];
      return [key, redactParams(inner)];
    }),
  );
}

function describe(content: string): string {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return `[${Buffer.byteLength(content)} bytes, sha256 ${digest}]`;
}

function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)} [${text.length} characters]`;
}
