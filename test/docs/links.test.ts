/** The pages that people read: their links lead somewhere, their examples are valid, the commands and events they name exist. */

import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'tap';
import { COMMANDS } from '../../coordinator/cli/commands.ts';
import { createProgram } from '../../coordinator/cli/frame.ts';
import { EVENT_KINDS } from '../../coordinator/store/event-kinds.ts';
import { problemsOf } from '../support/config-text.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = globSync(['*.md', 'docs/*.md'], { cwd: ROOT }).toSorted();

async function read(page: string): Promise<string> {
  return readFile(join(ROOT, page), 'utf8');
}

test('every link leads to a file of the repository, every anchor to a heading', async (t) => {
  for (const page of PAGES)
    for (const [, target = ''] of (await read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const path = join(dirname(page), file);
      t.ok(existsSync(join(ROOT, path)), `${page}: ${target}`);
      if (anchor !== undefined) t.ok(anchorsOf(await read(path)).includes(anchor), `${page}: #${anchor}`);
    }
});

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9 _-]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('every hotpair.yaml in the pages is valid', async (t) => {
  let examples = 0;
  for (const page of PAGES)
    for (const [, text = ''] of (await read(page)).matchAll(/```yaml\n([\s\S]*?)```/g)) {
      t.strictSame(problemsOf(text), [], page);
      examples++;
    }
  t.ok(examples >= 3);
});

test('every command that the pages name exists', async (t) => {
  const program = createProgram(COMMANDS, () => {
    throw new TypeError('no command is run');
  });
  const names = new Set(program.commands.map((command) => command.name()));
  for (const page of PAGES.filter((name) => name !== 'docs/commands.md')) {
    const text = await read(page);
    for (const [whole, name = ''] of text.matchAll(/(?:`|^)coordinator ([a-z]+)\b/gm))
      t.ok(name === 'help' || names.has(name), `${page}: ${whole}`);
  }
});

test('the events that pages name are events', async (t) => {
  const families = Object.keys(EVENT_KINDS).map((kind) => /^[A-Z][a-z]+/.exec(kind)?.[0]);
  const named = new RegExp(`\`((?:${[...new Set(families)].join('|')})[A-Z]\\w+)\``, 'g');
  for (const page of PAGES)
    for (const [, kind = ''] of (await read(page)).matchAll(named))
      t.ok(Object.hasOwn(EVENT_KINDS, kind), `${page}: ${kind}`);
});
