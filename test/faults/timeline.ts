/** What the hosts' logs say about the time of an outage, in one order of time. Pure. */

export interface HostLog {
  readonly host: string;
  /** As journalctl writes it with --output=short-precise. */
  readonly text: string;
}

const noise = /Aborted connection|Cant send advert|debian-start|io_uring|Unable to lock process/;
const longest = 160;

/** Lines between two moments (milliseconds since the epoch), each with its distance from `zero`. */
export function timelineOf(
  logs: readonly HostLog[],
  { zero, from, to }: { readonly zero: number; readonly from: number; readonly to: number },
): string[] {
  return logs
    .flatMap(({ host, text }) =>
      text.split('\n').flatMap((line) => {
        const match = /^(\w{3} \d+ [\d:]+)\.(\d{6}) (\S+?)(?:\[\d+\])?: (.*)$/.exec(line);
        if (match === null || noise.test(line)) return [];
        const [, stamp = '', fraction = '', program = '', words = ''] = match;
        const at = wallOf(stamp, zero) + Number(fraction) / 1000;
        return at < from || at > to ? [] : [{ at, host, said: said(program, words) }];
      }),
    )
    .sort((one, other) => one.at - other.at)
    .map(({ at, host, said }) => `${String(Math.round(at - zero)).padStart(6)} ms  ${host}  ${said}`);
}

/** The journal names no year. */
function wallOf(stamp: string, zero: number): number {
  return new Date(`${new Date(zero).getFullYear()} ${stamp}`).getTime();
}

/** A guard's line in the words of its table; anybody else's as it is. */
function said(program: string, words: string): string {
  if (!words.startsWith('{')) return `${program}: ${words.slice(0, longest)}`;
  try {
    const { name, row, from, to, msg, err } = JSON.parse(words) as Record<string, string | undefined>;
    const change = row === undefined ? '' : ` ${row} ${from === to ? (to ?? '') : `${from} > ${to}`}`;
    const why = err === undefined ? '' : ` (${JSON.stringify(err).slice(0, longest)})`;
    return `${name}:${change} ${msg}${why}`;
  } catch {
    return `${program}: ${words.slice(0, longest)}`;
  }
}
