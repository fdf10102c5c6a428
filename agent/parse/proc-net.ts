/** Ports that something listens on, from the text of /proc/net/tcp or tcp6 (proc_pid_net(5)). Pure. */

const LISTEN = '0A';

export function parseListening(text: string): number[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local, , state] = line.trim().split(/\s+/);
      const port = Number.parseInt(local?.split(':').at(-1) ?? '', 16);
      return state === LISTEN && Number.isInteger(port) ? [port] : [];
    });
}
