/** What the observer of a pair saw, as JSON lines: single reads and writes with the time they took, and who answered. */

interface Span {
  /** monotonicMs() when it was asked, and when the answer was there. */
  readonly from: number;
  readonly at: number;
}

/** One more on the counter through the VIP, acknowledged; `value` is what it became. */
export interface CounterAdd extends Span {
  readonly kind: 'add';
  readonly value: number;
  readonly server: number;
  readonly seq?: number;
}

/** The counter as a reader through the VIP saw it. */
export interface CounterRead extends Span {
  readonly kind: 'read';
  readonly value: number;
  readonly server: number;
}

/** A transfer between two accounts, acknowledged. */
export interface Transfer extends Span {
  readonly kind: 'transfer';
  readonly server: number;
  readonly seq?: number;
}

/** All money there is, as one statement through the VIP saw it. */
export interface BankTotal extends Span {
  readonly kind: 'total';
  readonly total: number;
  readonly server: number;
}

/** A node asked through its own address; readOnly is null when it did not answer. */
export interface NodeSample extends Span {
  readonly kind: 'sample';
  readonly node: string;
  readonly readOnly: boolean | null;
  readonly error?: string;
}

export type Observation = CounterAdd | CounterRead | Transfer | BankTotal | NodeSample;

export function formatObservation(observation: Observation): string {
  return `${JSON.stringify(observation)}\n`;
}

/** A torn last line is left out. */
export function parseObservations(text: string): Observation[] {
  const lines = text.split('\n');
  lines.pop();
  return lines.map((line) => JSON.parse(line) as Observation); // written whole by the observer, and by nobody else
}
