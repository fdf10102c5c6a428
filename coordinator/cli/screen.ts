/**
 * The one writer of standard output and standard error. On a terminal it keeps a live area at the bottom (progress);
 * text that is printed meanwhile scrolls above it.
 */

export interface TextStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  print(text: string): void;
  printError(text: string): void;
  /** Replaces the live area; no line may be wider than the screen. */
  showLive(lines: readonly string[]): void;
  /** Ends the live area: its last lines stay as text. */
  close(): void;
}

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

export function createScreen(stdout: TextStream, stderr: TextStream): Screen {
  let live: readonly string[] = [];
  const erase = (): string => (live.length === 0 ? '' : `\r\x1b[${live.length}A\x1b[J`);
  const drawn = (): string => live.map((line) => `${line}\n`).join('');

  return {
    get columns() {
      return stdout.columns || 80; // A terminal that does not know says 0.
    },
    get rows() {
      return stdout.rows || 24;
    },
    print: (text) => {
      stdout.write(`${erase()}${text}\n${drawn()}`);
    },
    printError: (text) => {
      if (live.length > 0) stdout.write(erase());
      stderr.write(`${text}\n`);
      if (live.length > 0) stdout.write(drawn());
    },
    showLive: (lines) => {
      const before = live.length === 0 && lines.length > 0 ? HIDE_CURSOR : '';
      const up = erase();
      live = lines;
      stdout.write(`${before}${up}${drawn()}`);
    },
    close: () => {
      if (live.length > 0) stdout.write(SHOW_CURSOR);
      live = [];
    },
  };
}
