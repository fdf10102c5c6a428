// The network of a run: one namespace is the switch (a bridge), every host and station has its own namespace with an
// eth0 whose other end is a port of that bridge. Nothing is ever added to the outer machine's own network.
import { existsSync, readdirSync } from 'node:fs';
import { macOf } from './addresses.ts';
import { netnsName, netnsPath } from './paths.ts';
import { run, runSync } from './run.ts';

const prefixLength = 24;

/** Name of a host's or station's port on the switch. */
export function portOf(name: string): string {
  return `p-${name}`;
}

export function switchNetns(prefix: string): string {
  return netnsName(prefix, 'switch');
}

/** argv prefix that runs a command of the outer machine inside a namespace of the run. */
export function netnsArgv(prefix: string, name: string): string[] {
  return ['nsenter', `--net=${netnsPath(prefix, name)}`, '--'];
}

/** Runs lines of `ip` in one process inside a namespace of the run. */
async function ipBatch(prefix: string, name: string, lines: readonly string[]): Promise<void> {
  await run(['ip', '-n', netnsName(prefix, name), '-batch', '-'], { input: `${lines.join('\n')}\n` });
}

export async function createSwitch(prefix: string): Promise<void> {
  await run(['ip', 'netns', 'add', switchNetns(prefix)]);
  await ipBatch(prefix, 'switch', [
    'link set lo up',
    'link add br0 type bridge forward_delay 0 mcast_snooping 0',
    'link set br0 up',
  ]);
}

/** Gives `name` a namespace with `address` on eth0, plugged into the switch. */
export async function attach(prefix: string, name: string, address: string): Promise<void> {
  detach(prefix, name);
  await run(['ip', 'netns', 'add', netnsName(prefix, name)]);
  await ipBatch(prefix, 'switch', [
    `link add ${portOf(name)} type veth peer name eth0 address ${macOf(address)} netns ${netnsName(prefix, name)}`,
    `link set ${portOf(name)} master br0 up`,
  ]);
  await ipBatch(prefix, name, [
    'link set lo up',
    `addr add ${address}/${prefixLength} dev eth0`,
    'link set eth0 up',
  ]);
}

/** Cuts `name` off and removes its namespace; its kernel answers for no address afterwards. */
export function detach(prefix: string, name: string): void {
  if (!existsSync(netnsPath(prefix, name))) return;
  if (existsSync(netnsPath(prefix, 'switch'))) {
    runSync(['ip', '-n', switchNetns(prefix), 'link', 'del', portOf(name)], { check: false });
  }
  runSync(['ip', 'netns', 'del', netnsName(prefix, name)]);
}

/** Removes every namespace of the run, whatever state it was left in. */
export function removeNetwork(prefix: string): void {
  if (!existsSync('/run/netns')) return;
  const own = readdirSync('/run/netns').filter((name) => name.startsWith(`${prefix}-`));
  for (const name of own) runSync(['ip', 'netns', 'del', name], { check: false });
}
