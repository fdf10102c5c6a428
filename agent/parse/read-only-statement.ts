/**
 * Decides whether a statement only reads. The read-only transaction it runs in is the real guard; this refuses early,
 * and refuses what such a transaction lets through: files, locks, waits and more than one statement. Pure.
 */

const FIRST_WORDS = new Set(['SELECT', 'SHOW', 'EXPLAIN', 'DESCRIBE', 'DESC', 'WITH', 'VALUES']);
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\bINTO\b/, 'INTO writes a file or a variable'],
  [
    /\b(LOAD_FILE|SLEEP|BENCHMARK|GET_LOCK|RELEASE_LOCK|MASTER_POS_WAIT|MASTER_GTID_WAIT|NEXTVAL|SETVAL|LASTVAL|SYS_EXEC)\s*\(/,
    'this function does more than read',
  ],
  [/\bNEXT\s+VALUE\s+FOR\b/, 'it changes a sequence'],
  [/\bFOR\s+UPDATE\b|\bLOCK\s+IN\s+SHARE\s+MODE\b/, 'it locks rows'],
  [/\bPROCEDURE\s+ANALYSE\b/, 'it is not a plain read'],
  [
    /\b(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|TRUNCATE|GRANT|REVOKE|CALL|SET|LOAD|KILL|RENAME|HANDLER|FLUSH|RESET|CHANGE|START|STOP)\b(?!\s*\()/,
    'it is not a read',
  ],
];

/** null when it may run; else why not. */
export function refuseStatement(sql: string): string | null {
  if (/\/\*!|\/\*M!/i.test(sql)) return 'executable comments are not read-only';
  const bare = withoutLiterals(sql);
  if (bare === null) return 'a quote or a comment is not closed';
  const text = bare.trim().replace(/;\s*$/, '').toUpperCase();
  if (text.includes(';')) return 'it is more than one statement';
  const first = /^\(*\s*([A-Z]+)/.exec(text)?.[1] ?? '';
  if (!FIRST_WORDS.has(first)) return `a statement that begins with ${first || 'nothing'} is not a read`;
  if (first === 'SHOW') return null;
  return FORBIDDEN.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** The statement with strings, quoted names and comments emptied; null when one of them does not end. */
function withoutLiterals(sql: string): string | null {
  const parts =
    /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`]|``)*`|\/\*[\s\S]*?\*\/|(?:#|--(?=\s|$))[^\n]*/g;
  const bare = sql.replace(parts, (part) => (/^['"`]/.test(part) ? `${part[0]}${part[0]}` : ' '));
  const leftover = bare.replace(/''|""|``/g, '');
  return /['"`]|\/\*/.test(leftover) ? null : bare;
}
