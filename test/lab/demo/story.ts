/** How the demo is told: numbered chapters, short indented lines; colours on a terminal and plain text elsewhere. */

import { styleText } from 'node:util';

export interface Story {
  /** Starts the next chapter. */
  chapter(title: string): void;
  line(text: string): void;
  /** A command as the reader would type it. */
  command(text: string): void;
  /** A measured figure and what it is. */
  figure(value: string, meaning: string): void;
}

const valueWidth = 10;

export function createStory(stream: NodeJS.WriteStream): Story {
  const styled = stream.isTTY === true && process.env['NO_COLOR'] === undefined;
  const paint = (style: 'bold' | 'cyan' | 'green', text: string): string =>
    styled ? styleText(style, text, { validateStream: false }) : text;
  const print = (text: string): void => void stream.write(`${text}\n`);
  let chapters = 0;
  return {
    chapter: (title) => {
      chapters += 1;
      print(`\n${paint('bold', `${chapters}. ${title}`)}`);
    },
    line: (text) => print(`   ${text}`),
    command: (text) => print(`   ${paint('cyan', `$ ${text}`)}`),
    figure: (value, meaning) => print(`   ${paint('green', value.padStart(valueWidth))}  ${meaning}`),
  };
}

export function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
