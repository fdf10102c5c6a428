/** Who asks: the token of a request, and whether its role is enough. */

import type { Role } from '../../shared/api/schema.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { isValid, type StoredToken, type TokenLog } from '../store/tokens.ts';

/** Each role may do what the ones before it may. */
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

/** The token that the text is. Throws AppError UNAUTHENTICATED, in the same words whatever is wrong with it. */
export function authenticate(tokens: TokenLog, text: string | undefined, now = Date.now()): StoredToken {
  const token = text === undefined ? null : tokens.find(text);
  if (token !== null && isValid(token, now)) return token;
  throw new AppError(
    'UNAUTHENTICATED',
    'This needs a token that counts: none came, or it is unknown, expired or revoked.',
  );
}

/** `Authorization: Bearer TOKEN`. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer ([!-~]{1,200})$/i.exec(header ?? '')?.[1];
}

/** Throws AppError FORBIDDEN. */
export function authorize(token: StoredToken, least: Role): void {
  if (ROLES.indexOf(token.role) >= ROLES.indexOf(least)) return;
  throw new AppError(
    'FORBIDDEN',
    `The token ${token.name} is of the role ${token.role}; this needs ${least}.`,
    { data: { needs: least } },
  );
}
