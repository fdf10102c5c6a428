/** docs/protocol.md from the tables of methods, actions and notifications. */

import { ACTION_PARAMS, ActionResultSchema } from '../../shared/protocol/actions.ts';
import { NOTIFICATIONS } from '../../shared/protocol/events.ts';
import { METHODS, type MethodSpec } from '../../shared/protocol/methods.ts';
import { PROTOCOL_VERSION } from '../../shared/protocol/version.ts';
import { code, heading, page, table } from './markdown.ts';
import { type ProtocolSchema, typeText } from './type-text.ts';

const INTRODUCTION = `Version ${PROTOCOL_VERSION}. The coordinator connects to the agent of each host over HTTPS with mutual TLS (TLS 1.3, certificates of the
coordinator's own authority); a client without such a certificate gets nothing. On the WebSocket \`/v1/ws\` both sides speak
JSON-RPC 2.0: \`hello\` first, then any method below. The methods with a REST path answer there too; the same schemas are
served as OpenAPI on \`GET /v1/openapi.json\`. An error carries \`code\` and \`message\` as in [errors.md](errors.md).`;

const ACTIONS = `An action makes something so (\`…-ensure\`, \`…-absent\`) or tells something (\`…-read\`, \`…-probe\`). It is called by the method
\`action\` with a mode: \`plan\` tells what would change and touches nothing, \`apply\` does it and checks again. Running it a
second time changes nothing. \`key\` makes a call safe to repeat: the same key with the same parameters gets the first answer again.
`;

const NOTIFICATIONS_WORDS = `Sent without being asked for on the WebSocket; \`cancel\` goes from the coordinator to the agent, the others the other way.

The first \`heartbeat\` of a connection is complete. A later one carries \`sequence\`, \`time\` and the sections that differ from
the heartbeat before it on the same connection, compared by their JSON text; the receiver keeps the others as it knows them.
A section is a field of the heartbeat; of \`database\` and \`guard\` each field is a section of its own, and \`guard: null\` says
that there is no word of the guard any more. A receiver that cannot make a whole heartbeat of what it got closes the
connection and begins anew with a complete one. The method \`heartbeat\` always answers a complete one.
`;

export function renderProtocol(): string {
  return page('Protocol between coordinator and agent', 'shared/protocol', INTRODUCTION, [
    heading(2, 'Methods'),
    table([
      ['method', 'REST', 'what it does'],
      ...Object.entries(METHODS).map(([name, spec]) => methodRow(name, spec)),
    ]),
    ...Object.entries(METHODS).map(([name, spec]) => methodPart(name, spec)),
    heading(2, 'Actions'),
    ACTIONS,
    ...typePart('Answer of every action', ActionResultSchema),
    ...Object.entries(ACTION_PARAMS).flatMap(([name, schema]) =>
      typePart(`Parameters of \`${name}\``, schema),
    ),
    heading(2, 'Notifications'),
    NOTIFICATIONS_WORDS,
    ...Object.entries(NOTIFICATIONS).flatMap(([name, schema]) => typePart(`\`${name}\``, schema)),
  ]);
}

function methodRow(name: string, { rest, summary }: MethodSpec): string[] {
  return [`\`${name}\``, rest === undefined ? '' : `\`${rest.verb} ${rest.path}\``, summary];
}

function methodPart(name: string, { params, result }: MethodSpec): string {
  const text = `params: ${typeText(params)}\nresult: ${typeText(result)}`;
  return `${heading(3, `\`${name}\``)}\n${code(text, 'ts')}`;
}

function typePart(title: string, schema: ProtocolSchema): string[] {
  return [heading(3, title), code(typeText(schema), 'ts')];
}
