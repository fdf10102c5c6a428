/** docs/configuration.md from the schema of hotpair.yaml, the reserved settings and the file that `coordinator init` writes. */

import { EXAMPLE } from '../../coordinator/config/example.ts';
import { RESERVED_SETTINGS } from '../../coordinator/config/reserved-settings.ts';
import { expected, type FileSchema } from '../../coordinator/config/structure.ts';
import { HotpairFileSchema } from '../../shared/model/hotpair-file.ts';
import { code, heading, page, table } from './markdown.ts';

const INTRODUCTION = `\`hotpair.yaml\` names the pairs, and optionally reports and the coordinator's own settings. \`coordinator init\` writes a
commented one, \`coordinator check\` validates it and says what it means. The file is \`--config FILE\`, else \`./hotpair.yaml\`,
else \`/etc/hotpair/hotpair.yaml\`. Unknown keys, missing keys, wrong types and values that cannot work are errors, all
reported at once with line and column. Relative paths count from the folder of the file. No secret belongs into it: passwords
are generated, or read from files that it names.`;

const RULES = `Beyond types and ranges these rules hold:

- The network of \`vip\` (address and prefix length) holds both hosts; the VIP is not the address of a host, of the network or
  its broadcast address.
- No address, VIP or host name occurs twice, over all pairs of the file.
- Pairs in the same network have different \`virtual_router_id\`s.
- \`advert_interval\` is from 10ms to 10s and a multiple of 10ms: VRRPv3 counts in hundredths of a second.
- The databases and accounts of the server and of hotpair itself (\`mysql\`, \`hotpair\`, \`root\`, \`hotpair_…\`) are not for the application.
- A report by e-mail needs \`coordinator.smtp\`.

The guards listen on the port after \`coordinator.agent_port\`: both ports are open from the coordinator to the hosts, the second one between the hosts, too.

\`protection\` is each pair's choice between writing on with one copy (\`availability\`) and waiting for the second (\`consistency\`); what to consider is in
[operations](operations.md#availability-or-consistency). \`vrrp.advert_interval\` bears only on how soon the VIP follows; how soon a dead host is noticed is a matter of the votes.
`;

export function renderConfiguration(): string {
  return page('Configuration: hotpair.yaml', 'shared/model/hotpair-file.ts', INTRODUCTION, [
    ...renderSections(HotpairFileSchema, ''),
    heading(2, 'Rules'),
    RULES,
    heading(2, 'Server settings that are not yours to set'),
    'The pair depends on these; `database.settings` refuses them in every spelling (hyphens, `skip-` and `loose-` prefixes, abbreviations).\n',
    table([
      ['settings', 'why'],
      ...RESERVED_SETTINGS.map(({ names, reason }) => [
        names.map((name) => `\`${name}\``).join(', '),
        reason,
      ]),
    ]),
    heading(2, 'The file that `coordinator init` writes'),
    code(EXAMPLE, 'yaml'),
  ]);
}

/** One section for each map of the file, in the order of the file; what occurs again under another key stands once. */
function renderSections(schema: FileSchema, path: string, seen = new Set<string>()): string[] {
  const { properties = {}, required = [] } = schema;
  const rows = Object.entries(properties).map(([key, inner]) => [
    `\`${key}\``,
    typeWords(inner),
    required.includes(key) ? '**required**' : defaultText(inner),
    inner.description ?? '',
  ]);
  const own =
    rows.length === 0
      ? []
      : [
          heading(2, path === '' ? 'Top level' : `\`${path}\``),
          table([['key', 'value', 'default', 'meaning'], ...rows]),
        ];
  return [
    ...own,
    ...Object.entries(properties).flatMap(([key, inner]) => renderInner(inner, join(path, key), seen)),
  ];
}

function renderInner(schema: FileSchema, path: string, seen: Set<string>): string[] {
  const named = Object.values(schema.patternProperties ?? {})[0];
  if (named !== undefined) return renderSections(named, `${path}.NAME`, seen);
  if (schema.type === 'array' && schema.items?.anyOf !== undefined) {
    const text = JSON.stringify(schema.items);
    if (seen.has(text)) return [];
    seen.add(text);
    return schema.items.anyOf.flatMap((member) =>
      renderSections(member, `${path}[] (${(member.required ?? []).join()})`, seen),
    );
  }
  return renderSections(schema, path, seen);
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function typeWords(schema: FileSchema): string {
  const named = Object.values(schema.patternProperties ?? {})[0];
  if (named !== undefined && named.properties === undefined) return `a map of names to ${expected(named)}`;
  return named === undefined ? expected(schema).replace(/^a map with .*/, 'a map') : 'a map by name';
}

function defaultText({ default: value, type }: FileSchema): string {
  if (value === undefined) return type === 'object' ? 'none' : '';
  return /^[^ ]+$/.test(String(value)) && value !== 'none' ? `\`${String(value)}\`` : String(value);
}
