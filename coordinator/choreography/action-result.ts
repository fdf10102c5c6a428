/** An action's outcome as the coordinator sees it: `failed` becomes an AppError that names the host. */

import { AppError, fromSerialized } from '../../shared/errors/app-error.ts';
import type { ActionResult } from '../../shared/protocol/actions.ts';

export function resultOrThrow(host: string, result: ActionResult): ActionResult {
  if (result.outcome !== 'failed') return result;
  const error = fromSerialized(result.error ?? { message: `${result.action} failed without saying why.` });
  throw new AppError(error.code, `${host}: ${error.message}`, {
    cause: error,
    data: { ...error.data, host, action: result.action },
  });
}
