/**
 * Option files of MariaDB and MySQL, without loss: every line that is not changed keeps its bytes (comments, order,
 * repeated keys, !includedir). Quoting follows search_default_file_with_ext in the server's mysys/my_default.c. Pure.
 */

export interface OptionLine {
  readonly kind: 'option';
  /** As written; `-` and `_` mean the same to the server (see sameOption). */
  readonly key: string;
  /** null: the key stands alone, without `=`. */
  readonly value: string | null;
  readonly text: string;
}

export interface GroupLine {
  readonly kind: 'group';
  readonly group: string;
  readonly text: string;
}

/** Empty lines, comments, !include and !includedir. */
export interface OtherLine {
  readonly kind: 'other';
  readonly text: string;
}

export type Line = OptionLine | GroupLine | OtherLine;

/** Reads any text; what is not understood is kept as it is. */
export function parseOptionFile(text: string): readonly Line[] {
  return text.split('\n').map(parseLine);
}

export function renderOptionFile(lines: readonly Line[]): string {
  return lines.map((line) => line.text).join('\n');
}

/** Throws RangeError for a key or a value that no option file can hold. */
export function optionLine(key: string, value: string | null): OptionLine {
  if (!/^[A-Za-z][A-Za-z0-9_.-]*$/.test(key))
    throw new RangeError(`${JSON.stringify(key)} is not the name of an option`);
  return { kind: 'option', key, value, text: value === null ? key : `${key} = ${quoteValue(value)}` };
}

export function groupLine(group: string): GroupLine {
  if (!/^[A-Za-z0-9_.-]+$/.test(group))
    throw new RangeError(`${JSON.stringify(group)} is not the name of a group`);
  return { kind: 'group', group, text: `[${group}]` };
}

/** A comment of one or more lines. */
export function commentLines(text: string): readonly OtherLine[] {
  return text.split('\n').map((line) => ({ kind: 'other', text: line === '' ? '#' : `# ${line}` }));
}

/** The options of a group in file order, repeated keys included. */
export function optionsOf(lines: readonly Line[], group: string): readonly OptionLine[] {
  let current = '';
  return lines.filter((line): line is OptionLine => {
    if (line.kind === 'group') current = line.group;
    return line.kind === 'option' && current === group;
  });
}

/** Sets one option: the last occurrence in the group is replaced, else it is added at the end of the (last such) group. */
export function setOption(
  lines: readonly Line[],
  group: string,
  key: string,
  value: string | null,
): readonly Line[] {
  const made = optionLine(key, value);
  const found = optionsOf(lines, group).findLast((line) => sameOption(line.key, key));
  if (found !== undefined) return lines.map((line) => (line === found ? made : line));
  const start = lines.findLastIndex((line) => line.kind === 'group' && line.group === group);
  if (start === -1) return [...withoutFinalBlank(lines), groupLine(group), made, blank()];
  const next = lines.findIndex((line, index) => index > start && line.kind === 'group');
  const end = lines.slice(0, next === -1 ? lines.length : next).findLastIndex(isFilled) + 1;
  return lines.toSpliced(end, 0, made);
}

/** The server takes `log-bin`, `log_bin` and `loose_log_bin` for one option (the prefix only changes errors). */
export function sameOption(one: string, other: string): boolean {
  return canonicalOption(one) === canonicalOption(other);
}

/** `Loose-Log-Bin` -> `log_bin`. */
export function canonicalOption(key: string): string {
  return key
    .toLowerCase()
    .replaceAll('-', '_')
    .replace(/^loose_/, '');
}

/** The text after `=` that the server reads back as `value`. Quotes only where they are needed. */
export function quoteValue(value: string): string {
  if (/[\0\v\f]/.test(value)) throw new RangeError('an option file cannot hold this control character');
  if (/^[\p{L}\p{N}_.,:;/@%+=*?!<>()[\]{}|&$^~-]+$/u.test(value)) return value;
  const escaped = value.replaceAll(/[\\"\n\r\t\b]/g, (found) => ESCAPES[found] ?? found);
  return `"${escaped}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
};
const UNESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  s: ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

function parseLine(text: string): Line {
  const content = text.trim();
  if (content === '' || /^[#;!]/.test(content)) return { kind: 'other', text };
  const group = /^\[([^\]]*)\]/.exec(content);
  if (group !== null) return { kind: 'group', group: (group[1] ?? '').trim(), text };
  const bare = withoutComment(content);
  const equals = bare.indexOf('=');
  if (equals === -1) return { kind: 'option', key: bare.trim(), value: null, text };
  return {
    kind: 'option',
    key: bare.slice(0, equals).trim(),
    value: unquote(bare.slice(equals + 1).trim()),
    text,
  };
}

/** `#` begins a comment wherever it is not inside quotes. */
function withoutComment(text: string): string {
  let quote = '';
  let escaped = false;
  for (const [index, character] of [...text].entries()) {
    if ((character === '"' || character === "'") && !escaped)
      quote = quote === '' ? character : quote === character ? '' : quote;
    if (quote === '' && character === '#') return [...text].slice(0, index).join('');
    escaped = quote !== '' && character === '\\' && !escaped;
  }
  return text;
}

function unquote(text: string): string {
  const first = text[0];
  const quoted = text.length > 1 && (first === '"' || first === "'") && text.endsWith(first);
  const inner = quoted ? text.slice(1, -1) : text;
  return inner.replaceAll(/\\(.)/g, (found, letter: string) => UNESCAPES[letter] ?? found);
}

function isFilled(line: Line): boolean {
  return line.text.trim() !== '';
}

function blank(): OtherLine {
  return { kind: 'other', text: '' };
}

function withoutFinalBlank(lines: readonly Line[]): readonly Line[] {
  return lines.at(-1)?.text === '' ? lines.slice(0, -1) : lines;
}
