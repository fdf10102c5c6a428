/** How a call ends without an answer, in the same words on both sides. Pure. */

import { AppError } from '../errors/app-error.ts';

export const callLost = (method: string, reason: string): AppError =>
  new AppError(
    'CONNECTION_LOST',
    `The connection ended before ${method} was answered: ${reason || 'no reason given'}.`,
  );

export const callOverdue = (method: string, deadlineMs: number): AppError =>
  new AppError('DEADLINE_EXCEEDED', `${method} was not answered within ${deadlineMs} ms.`);
