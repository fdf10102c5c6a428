/** Posts JSON to where a file says, nowhere else. What is told of the address is its host: path and query are often secret. */

import { AppError } from '../../shared/errors/app-error.ts';

const TIMEOUT_MS = 10_000;
/** More of an answer is of no use. */
const MOST_ANSWER = 4096;
const MOST_PAUSE_MS = 600_000;

export interface JsonPost {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The beginning of the answer. Throws AppError DELIVERY_FAILED; data.pauseMs is how long the receiver asks to be left alone. */
export async function postJson(
  { url, body, headers = {} }: JsonPost,
  what: string,
  signal: AbortSignal,
): Promise<string> {
  const response = await send(url, body, headers, what, signal);
  const answer = await beginningOf(response);
  if (response.ok) return answer;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  throw new AppError('DELIVERY_FAILED', `${what} at ${hostOf(url)} answered ${response.status}.`, {
    data: seconds > 0 ? { pauseMs: Math.min(MOST_PAUSE_MS, seconds * 1000) } : {},
  });
}

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'an invalid address');

async function send(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  what: string,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(url, {
      ...{ method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    // An address that is none is in the words of the error.
    const words = URL.canParse(url)
      ? cause instanceof Error
        ? cause.message
        : String(cause)
      : 'it is no URL';
    throw new AppError('DELIVERY_FAILED', `${what} at ${hostOf(url)} could not be reached: ${words}.`, {
      cause: URL.canParse(url) ? error : undefined,
    });
  }
}

async function beginningOf(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= MOST_ANSWER) break;
  }
  return text.slice(0, MOST_ANSWER);
}
