// Ends the runs of this process when the process ends, by whatever way it can still notice.
import { removeRun } from './remove-run.ts';

const owned = new Set<string>();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function removeAtExit(prefix: string): void {
  if (owned.size === 0) {
    process.on('exit', removeOwned);
    // Ahead of other listeners: some (signal-exit) end the process only when they find themselves alone.
    for (const signal of signals) process.prependListener(signal, onSignal);
  }
  owned.add(prefix);
}

export function forgetAtExit(prefix: string): void {
  if (!owned.delete(prefix) || owned.size > 0) return;
  process.off('exit', removeOwned);
  for (const signal of signals) process.off(signal, onSignal);
}

function removeOwned(): void {
  for (const prefix of owned) {
    try {
      removeRun(prefix);
    } catch (error) {
      process.stderr.write(`lab run ${prefix} could not be removed: ${String(error)}\n`);
    }
  }
}

function onSignal(signal: NodeJS.Signals): void {
  removeOwned();
  owned.clear();
  process.off(signal, onSignal);
  // Somebody else who listens decides how the process ends; nobody: it ends as the signal meant it to.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}
