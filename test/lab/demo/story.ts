/**
 * How the demo is told: numbered chapters, short indented lines. On a terminal with colours, with words wrapped to its
 * width, and with a clock below the last line while something is waited for; plain text elsewhere.
 */

import { styleText } from 'node:util';
import { wrapWords } from '../../../coordinator/cli/wrap-words.ts';

export interface Story {
  /** Starts the next chapter. */
  chapter(title: string): void;
  line(text: string): void;
  /** Text whose line ends and indentation are its own. */
  verbatim(text: string): void;
  /** A command as the reader would type it. */
  command(text: string): void;
  /** A line below another one; what does not fit on it stands below `text`. */
  note(lead: string, text: string): void;
  /** A measured figure and what it is. */
  figure(value: string, meaning: string): void;
  /** No clock until the next line: somebody else writes on the terminal, or nothing is waited for. */
  pause(): void;
}

const indent = 3;
const valueWidth = 10;

export function createStory(stream: NodeJS.WriteStream): Story {
  const styled = stream.isTTY === true && process.env['NO_COLOR'] === undefined;
  const paint = (style: 'bold' | 'cyan' | 'green', text: string): string =>
    styled ? styleText(style, text, { validateStream: false }) : text;
  const clock = createClock(stream);
  const print = (text: string): void => {
    clock.stop();
    stream.write(`${text}\n`);
    clock.start();
  };
  const told = (text: string, hanging = indent): void =>
    print(wrapWords(text, stream.isTTY === true ? stream.columns || 80 : Number.POSITIVE_INFINITY, hanging));
  const margin = ' '.repeat(indent);
  let chapters = 0;
  return {
    chapter: (title) => {
      chapters += 1;
      told(`\n${paint('bold', `${chapters}. ${title}`)}`);
    },
    line: (text) => told(`${margin}${text}`),
    verbatim: (text) => print(text.replaceAll(/^(?=.)/gm, margin)),
    command: (text) => print(`${margin}${paint('cyan', `$ ${text}`)}`),
    note: (lead, text) => told(`${margin}  ${lead}${text}`, indent + 2 + lead.length),
    figure: (value, meaning) =>
      told(`${margin}${paint('green', value.padStart(valueWidth))}  ${meaning}`, indent + valueWidth + 2),
    pause: () => clock.stop(),
  };
}

const clockAfterMs = 1000;
const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Shows on a terminal for how long nothing has been told, from the first second on. */
function createClock(stream: NodeJS.WriteStream) {
  const live = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  let timer: NodeJS.Timeout | undefined;
  let shown = false;
  return {
    start(): void {
      if (!live) return;
      const since = performance.now();
      timer = setInterval(() => {
        const ms = performance.now() - since;
        if (ms < clockAfterMs) return;
        const sign = spinner[Math.floor(ms / 100) % spinner.length] ?? '';
        stream.write(`\r${' '.repeat(indent)}${sign} ${Math.floor(ms / 1000)} s\x1b[K`);
        shown = true;
      }, 100).unref();
    },
    stop(): void {
      clearInterval(timer);
      timer = undefined;
      if (shown) stream.write('\r\x1b[K');
      shown = false;
    },
  };
}

export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
