/** Who holds a file lock, from the text of /proc/locks (proc_locks(5)). Pure. */

/** Process ids that hold (not wait for) an exclusive lock on the file with this inode. */
export function lockHolders(text: string, inode: number): number[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\d+: (?:POSIX|FLOCK|OFDLCK)\s+\S+\s+WRITE\s+(-?\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(
      line,
    );
    if (match === null || Number(match[2]) !== inode) return [];
    return [Number(match[1])];
  });
}
