/**
 * The frame of a load client's process: settings come as the first line of standard input (a password has no place in
 * argv); `counters` and `stop` are answered with one line of JSON each; the end of the input ends it too.
 */

import { createInterface } from 'node:readline';

export interface Work {
  counters(): unknown;
  stop(): Promise<void>;
}

export async function serveParent<Settings>(start: (settings: Settings) => Work): Promise<void> {
  process.on('SIGINT', () => undefined); // Ctrl-C on a terminal reaches the whole group; the parent says when to end.
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done === true) throw new Error('expected the settings as one line of JSON on standard input');
  const work = start(JSON.parse(first.value) as Settings);
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    if (line.value === 'stop') break;
    if (line.value === 'counters') answer({ counters: work.counters() });
  }
  await work.stop();
  answer({ done: work.counters() });
  process.stdin.destroy();
}

function answer(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
