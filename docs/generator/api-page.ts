/** docs/api.md from the table of routes and the schemas of the live feed. */

import { LIVE_PATH, LiveMessageSchema, LiveRequestSchema } from '../../shared/api/live.ts';
import { ProblemSchema } from '../../shared/api/problem.ts';
import { ROUTES, type RouteSpec } from '../../shared/api/routes.ts';
import { code, heading, page, table } from './markdown.ts';
import { typeText } from './type-text.ts';

const INTRODUCTION = `\`coordinator serve\` answers on \`coordinator.listen\` (127.0.0.1:8080). The same as an OpenAPI 3.1 document: \`GET /v1/openapi.json\`; to try out: \`/docs\`.

Every request but to \`/v1/health\`, \`/v1/openapi.json\` and the pages carries a token, \`Authorization: Bearer TOKEN\`, also on loopback. \`coordinator token create NAME --role ROLE\`, on the
coordinator, makes one and prints it once; the store has its SHA-256 only. **viewer** reads, **operator** also gives commands, **admin** also deploys and reads the audit trail.
\`coordinator token revoke NAME\` ends it at once.

On an address that other machines reach the interface is served over TLS only: with the files of \`coordinator.tls\`, or a certificate of the coordinator's own authority (\`pki/ca.crt\` in the data folder).
An address sends at most 1,200 requests a minute, a body has at most 64 kB.

\`\`\`sh
TOKEN=$(coordinator token create anna --role operator)
curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/v1/pairs
curl -H "Authorization: Bearer $TOKEN" --json '{ "to": "db2" }' http://127.0.0.1:8080/v1/pairs/orders/switchover                     # what it would do
curl -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: 2026-11-22-a" --json '{ "to": "db2", "dryRun": false }' http://127.0.0.1:8080/v1/pairs/orders/switchover
\`\`\`
`;

const COMMANDS = `A command answers 202 with a job, whose address is in \`Location\`. **It is a dry run unless the body says \`"dryRun": false\`**: the pre-checks are made, and \`question\` says what would be done.
Of the jobs that change a pair one runs at a time (409 \`PAIR_BUSY\`). With an \`Idempotency-Key\` a command may be sent again: the same key of the same token is the same job, also after
the daemon was started anew; for another command it is refused (422 \`REPLAYED_KEY\`). A job does what the command of the same name on the command line does, and its \`result\` is the document
that \`--json\` prints there. \`GET /v1/jobs/JOB/progress\` tells it as server-sent events while it happens.
`;

const AUDIT = `Every command, of the interface and of the command line, whatever became of it, every denied one, and every token made or revoked is in the audit trail. Each entry carries the SHA-256 of the one before it: over the JSON array
\`[id, time, actor, source, action, target, outcome, data, previous]\`. \`GET /v1/audit/verify\` works the chain out; whoever keeps \`head\` elsewhere also notices an end that was cut off.
`;

const LIVE = `A WebSocket. The token is in the first message (\`hello\`), or comes as the sub-protocol \`bearer.TOKEN\` beside \`hotpair.live\`; never in the address. After \`ready\`, which has all pairs,
\`pairs\` brings those that changed, \`pair\` every change of the one that is watched, \`event\` and \`job\` what happens. After a break \`sinceEvent\` brings the events that were missed.
`;

export function renderApi(): string {
  const routes = Object.entries<RouteSpec>(ROUTES);
  return page('REST interface', 'shared/api/routes.ts', INTRODUCTION, [
    table([
      ['request', 'least role', ''],
      ...routes.map(([name, { method, path, role, summary }]) => [
        `[\`${method} ${path}\`](api.md#${name.toLowerCase()})`,
        role,
        summary,
      ]),
      [`[\`GET ${LIVE_PATH}\`](api.md#live)`, 'viewer', 'What happens, while it happens, over a WebSocket.'],
    ]),
    heading(2, 'Commands'),
    COMMANDS,
    heading(2, 'Errors'),
    'Every error has this shape ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)), of the type `application/problem+json`; [errors](errors.md) lists the codes.\n',
    code(typeText(ProblemSchema), 'ts'),
    heading(2, 'Audit trail'),
    AUDIT,
    heading(2, 'Requests'),
    ...routes.flatMap(([name, route]) => routeParts(name, route)),
    heading(3, 'live'),
    `\`GET ${LIVE_PATH}\`, role viewer.\n\n${LIVE}`,
    code(
      `type Request = ${typeText(LiveRequestSchema)}\n\ntype Message = ${typeText(LiveMessageSchema)}`,
      'ts',
    ),
  ]);
}

function routeParts(name: string, route: RouteSpec): string[] {
  const { method, path, role, summary, query, body, produces, result } = route;
  const given = [
    query === undefined ? '' : `type Query = ${typeText(query)}`,
    body === undefined ? '' : `type Body = ${typeText(body)}`,
    produces === undefined ? `type Answer = ${typeText(result)}` : '',
  ].filter((part) => part !== '');
  const kind = produces === undefined ? '' : ` Answers ${produces}.`;
  return [
    heading(3, name),
    `\`${method} ${path}\`, role ${role}. ${summary}${kind}\n`,
    ...(given.length === 0 ? [] : [code(given.join('\n\n'), 'ts')]),
  ];
}
