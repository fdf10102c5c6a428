/** Reads what /etc/os-release says (os-release(5)). Pure. */

export interface OsRelease {
  readonly id: string;
  readonly versionId: string;
  readonly prettyName: string;
  /** Ids of the systems it is like, nearest first, e.g. ["debian"]. */
  readonly like: readonly string[];
}

export function parseOsRelease(text: string): OsRelease {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line.trim());
    if (match?.[1] !== undefined) fields.set(match[1], unquote(match[2] ?? ''));
  }
  return {
    id: fields.get('ID') ?? 'linux',
    versionId: fields.get('VERSION_ID') ?? '',
    prettyName: fields.get('PRETTY_NAME') ?? 'Linux',
    like: (fields.get('ID_LIKE') ?? '').split(/\s+/).filter((word) => word !== ''),
  };
}

function unquote(value: string): string {
  const quote = value[0];
  if ((quote === '"' || quote === "'") && value.length > 1 && value.endsWith(quote))
    return value.slice(1, -1).replace(/\\(["'$`\\])/g, '$1');
  return value;
}
