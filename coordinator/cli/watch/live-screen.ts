/**
 * The terminal's second screen, drawn over and over. Invariant: however the process ends, the terminal is left as it
 * was: first screen, cursor, line wrap and the keys' own mode.
 */

import process from 'node:process';

export interface LiveScreen {
  readonly columns: number;
  readonly rows: number;
  /** Over what was there, as one write; no line may be wider than the screen. */
  draw(lines: readonly string[]): void;
  close(): void;
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Terminals that know it show the picture when it is complete; others ignore it. */
const [BEGIN, END] = ['\x1b[?2026h', '\x1b[?2026l'];
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const ENDING_KEYS = ['q', '\x03'];

/** `onResize` is told that the screen has another size; Ctrl-C and q interrupt the process as Ctrl-C does elsewhere. */
export function openLiveScreen(onResize: () => void): LiveScreen {
  const { stdout, stdin } = process;
  const onKey = (keys: Buffer): void => {
    if (ENDING_KEYS.some((key) => keys.includes(key))) process.kill(process.pid, 'SIGINT');
  };
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    stdout.off('resize', onResize);
    if (stdin.isTTY) stdin.off('data', onKey).setRawMode(false).pause();
    stdout.write(LEAVE);
  };
  stdout.write(ENTER);
  stdout.on('resize', onResize);
  // What is typed does not show; with its own mode Ctrl-C is a key.
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onKey);
  process.once('exit', close);
  return {
    // The last column stays free: what clears the rest of a full line clears its end.
    get columns() {
      return (stdout.columns || 80) - 1;
    },
    get rows() {
      return stdout.rows || 24;
    },
    draw: (lines) => {
      const text = lines.map((line) => `${line}${CLEAR_LINE}`).join('\r\n');
      stdout.write(`${BEGIN}${HOME}${text}${CLEAR_BELOW}${END}`);
    },
    close: () => {
      process.off('exit', close);
      close();
    },
  };
}
