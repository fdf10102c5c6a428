// Reads the mirror out of the machine's own apt configuration, in both formats apt knows, and writes it again for
// the release the hosts run. No registry is named anywhere in the lab.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface AptSource {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly options: string;
}

/** Classic one-line format: `deb [options] URI SUITE COMPONENT…`. */
export function parseClassicSources(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) continue;
    const [, options = '', uri = '', suite = '', components = ''] = match;
    sources.push({ uri, suite, components: words(components), options: options.trim() });
  }
  return sources;
}

/** deb822 format: stanzas of `Types`, `URIs`, `Suites`, `Components`, `Signed-By`. */
export function parseDeb822Sources(text: string): AptSource[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const fields = new Map<string, string>();
      let name = '';
      for (const line of stanza.split('\n')) {
        const match = /^([A-Za-z0-9-]+):\s*(.*)$/.exec(line);
        if (match?.[1] !== undefined) name = match[1].toLowerCase();
        if (name !== '')
          fields.set(name, `${fields.get(name) ?? ''}\n${match ? (match[2] ?? '') : line.trim()}`.trim());
      }
      if (!words(fields.get('types') ?? '').includes('deb') || fields.get('enabled') === 'no') return [];
      const key = fields.get('signed-by') ?? '';
      const options = key.startsWith('/') ? `signed-by=${key}` : '';
      const components = words(fields.get('components') ?? '');
      return words(fields.get('uris') ?? '').flatMap((uri) =>
        words(fields.get('suites') ?? '').map((suite) => ({ uri, suite, components, options })),
      );
    });
}

/** One-line entries for `release` out of those of `ownRelease` (the outer machine's); other archives are left out. */
export function sourcesFor(release: string, ownRelease: string, sources: readonly AptSource[]): string[] {
  const lines = sources
    .filter(({ suite }) => suite === ownRelease || suite.startsWith(`${ownRelease}-`))
    .filter(({ suite, components }) => components.includes('main') && !suite.endsWith('-backports'))
    .map(({ uri, suite, options }) => {
      const bracket = options === '' ? '' : `[${options}] `;
      return `deb ${bracket}${uri} ${release}${suite.slice(ownRelease.length)} main`;
    });
  return [...new Set(lines)];
}

/** Reads /etc/apt and returns the one-line entries the hosts' images are made from. */
export function readMirror(release: string, aptDirectory = '/etc/apt'): string[] {
  const osRelease = readFileSync('/etc/os-release', 'utf8');
  const ownRelease = /^VERSION_CODENAME=(\S+)/m.exec(osRelease)?.[1] ?? release;
  const parts = join(aptDirectory, 'sources.list.d');
  const files = [
    join(aptDirectory, 'sources.list'),
    ...(existsSync(parts)
      ? readdirSync(parts)
          .sort()
          .map((name) => join(parts, name))
      : []),
  ].filter((path) => existsSync(path));
  const sources = files.flatMap((path) => {
    if (path.endsWith('.list')) return parseClassicSources(readFileSync(path, 'utf8'));
    if (path.endsWith('.sources')) return parseDeb822Sources(readFileSync(path, 'utf8'));
    return [];
  });
  const lines = sourcesFor(release, ownRelease, sources);
  if (lines.length === 0) {
    throw new Error(
      `no Debian archive for ${ownRelease} in ${aptDirectory}: the lab builds its hosts from this machine's own mirror`,
    );
  }
  return lines;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
