/** The server's drop-in 99-hotpair.cnf: the pair's options, hotpair's defaults, the user's own settings last. Pure. */

import type { Flavor } from '../../shared/flavor/flavor.ts';
import type { HostSpec, PairSpec } from '../../shared/model/pair-spec.ts';
import { HOST_PATHS } from '../../shared/model/paths.ts';
import {
  canonicalOption,
  commentLines,
  groupLine,
  type Line,
  optionLine,
  renderOptionFile,
} from '../../shared/text/option-file.ts';

/** What the server reads of its key pair, readable for its own user. */
export const SERVER_PKI = {
  key: `${HOST_PATHS.serverPki}/server.key`,
  certificate: `${HOST_PATHS.serverPki}/server.crt`,
  authority: `${HOST_PATHS.serverPki}/ca.crt`,
} as const;

/** The user's settings hold none that the pair depends on: the validation of hotpair.yaml refuses those. */
export function renderServerConfig(flavor: Flavor, pair: PairSpec, host: HostSpec): string {
  const own = Object.entries(pair.database.settings);
  const taken = new Set(own.map(([name]) => canonicalOption(name)));
  const defaults = [...flavor.defaultOptions()].filter(([name]) => !taken.has(name));
  const fixed = flavor.pairOptions({ ordinal: host.ordinal, port: pair.database.port, ...SERVER_PKI });
  const lines: Line[] = [
    ...commentLines(
      `Written by hotpair for ${host.name} of the pair ${pair.name}; "coordinator deploy" puts it back.`,
    ),
    ...commentLines('Settings of your own belong into database.settings of hotpair.yaml.'),
    groupLine(flavor.optionGroup),
    ...options(fixed),
    ...section('Defaults of hotpair', defaults),
    ...section('database.settings of hotpair.yaml', own),
  ];
  return `${renderOptionFile(lines)}\n`;
}

function section(title: string, entries: readonly (readonly [string, string])[]): Line[] {
  if (entries.length === 0) return [];
  return [{ kind: 'other', text: '' }, ...commentLines(title), ...options(entries)];
}

function options(entries: Iterable<readonly [string, string]>): Line[] {
  return [...entries].map(([name, value]) => optionLine(name, value));
}
