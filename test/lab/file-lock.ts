// A lock between processes: held by a flock(1) child that lives until its input closes, so a killed owner lets go.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Runs `body` while this process holds the exclusive lock on `path`; waits for as long as another process has it. */
export async function withFileLock<T>(path: string, body: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const holder = spawn('flock', ['--exclusive', path, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  try {
    await new Promise<void>((resolve, reject) => {
      holder.once('error', reject);
      holder.once('exit', (code) => reject(new Error(`flock on ${path} ended with code ${code}`)));
      holder.stdout.once('data', () => resolve());
      holder.stdin.write('held\n'); // cat answers only once flock has the lock
    });
    return await body();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
