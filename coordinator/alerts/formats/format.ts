/** The form of a receiver's format: what is posted, and how its answer is read. Pure. */

import type { JsonPost } from '../../delivery/post-json.ts';
import type { AlertMessage } from '../message.ts';
import type { RenderedAlert } from '../render-message.ts';

export interface FormatInput {
  readonly message: AlertMessage;
  readonly rendered: RenderedAlert;
  /** Of the message, the same at each attempt. */
  readonly uuid: string;
  /** Of the alert, as coordinator alert list shows it. */
  readonly id: number;
  readonly url: string;
  readonly secret: string | null;
  /** Of this attempt, ms since the epoch. */
  readonly now: number;
}

export interface AlertFormat {
  request(input: FormatInput): JsonPost;
  /** Null: taken; else why not, in the receiver's words. Many answer 200 to what they do not take. */
  refusal(answer: string): string | null;
}

/** The answer names a code; 0 is success. */
export function refusalByCode(answer: string, code: string, words: string): string | null {
  try {
    const told: unknown = JSON.parse(answer);
    if (typeof told === 'object' && told !== null && code in told) {
      const entries = new Map(Object.entries(told));
      return entries.get(code) === 0 ? null : `${String(entries.get(code))} ${String(entries.get(words))}`;
    }
  } catch {
    // No JSON: told below.
  }
  return `no answer of its kind: ${answer.slice(0, 80)}`;
}

/** The beginning of the text that fits into so many bytes of UTF-8. */
export function fitBytes(text: string, most: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= most) return text;
  const cut = new TextDecoder().decode(bytes.slice(0, most - 3)).replace(/\uFFFD+$/, '');
  return `${cut}…`;
}
