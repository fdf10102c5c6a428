/** The YAML text as a tree that knows the line and column of every key and value. */

import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Path, Place, Problem } from './problems.ts';

export interface YamlDocument {
  /** Plain data; undefined when the text is not usable YAML. */
  readonly value: unknown;
  /** Syntax errors and duplicate keys. */
  readonly problems: readonly Problem[];
  /** Place of the value at `path`, of its key when the value is a map or list, or of the nearest thing that exists. */
  placeOf(path: Path): Place;
  /** Place of the key itself. */
  placeOfKey(path: Path): Place;
}

const MOST_CHARACTERS = 1_048_576;
const START: Place = { line: 1, column: 1 };

export function readDocument(text: string): YamlDocument {
  if (text.length > MOST_CHARACTERS) return unusable('The file is larger than 1 MiB.');
  try {
    return parse(text);
  } catch (error) {
    // Nesting beyond the stack, or aliases that multiply without end.
    return unusable(`not readable as YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unusable(message: string): YamlDocument {
  const problems = [{ ...START, path: '', message }];
  return { value: undefined, problems, placeOf: () => START, placeOfKey: () => START };
}

function parse(text: string): YamlDocument {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const at = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = [...document.errors, ...document.warnings].map((error) => {
    const place = at(error.pos[0]);
    const message = error.code === 'DUPLICATE_KEY' ? 'this key occurs twice' : error.message;
    return { ...place, path: '', message };
  });
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return;
      const place = at(alias.range?.[0] ?? 0);
      problems.push({ ...place, path: '', message: `there is no anchor &${alias.source} before this alias` });
    },
  });
  const find = (path: Path) =>
    walk(document.contents, path, (node) => (isAlias(node) ? node.resolve(document) : undefined));
  const place = (path: Path, wantKey: boolean): Place => {
    const { key, value } = find(path);
    const node = wantKey || isCollection(value) || value === null ? (key ?? value) : value;
    return at(node?.range?.[0] ?? 0);
  };
  return {
    value: problems.length === 0 ? document.toJS({ maxAliasCount: 100 }) : undefined,
    problems,
    placeOf: (path) => place(path, false),
    placeOfKey: (path) => place(path, true),
  };
}

interface Found {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** Follows `path` as far as it goes. */
function walk(root: Node | null, path: Path, resolve: (node: Node) => Node | undefined): Found {
  let found: Found = { key: null, value: root };
  for (const part of path) {
    const next = step(found.value === null ? null : (resolve(found.value) ?? found.value), part);
    if (next === null) return { key: found.key ?? found.value, value: null };
    found = { key: next.key ?? found.key, value: next.value };
  }
  return found;
}

function step(node: Node | null, part: string | number): Found | null {
  if (isSeq(node)) {
    const item = node.items[Number(part)];
    return isNode(item) ? { key: item, value: item } : null;
  }
  if (!isMap(node)) return null;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
  if (pair === undefined) return null;
  return { key: isNode(pair.key) ? pair.key : null, value: isNode(pair.value) ? pair.value : null };
}
