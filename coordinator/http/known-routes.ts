/** Which routes the daemon may have: those of the table, whose roles are checked, and folders of files that anybody may read. Pure. */

import { LIVE_PATH } from '../../shared/api/live.ts';
import { ROUTES } from '../../shared/api/routes.ts';

const TABLE: ReadonlySet<string> = new Set(
  Object.values(ROUTES).flatMap(({ method, path }) => [
    `${method} ${path}`,
    ...(method === 'GET' ? [`HEAD ${path}`] : []),
  ]),
);
/** Pages and their files; they know no data. */
const OPEN = /^\/(?:$|docs(?:\/|$)|console\/)/;

/** The live feed asks for its token itself. */
export function isKnownRoute(method: string, path: string): boolean {
  if (TABLE.has(`${method} ${path}`)) return true;
  return (method === 'GET' || method === 'HEAD') && (path === LIVE_PATH || OPEN.test(path));
}
