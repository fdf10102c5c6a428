/** file-absent: there is no such file. What was there is kept as its previous version. */

import type { FileOnDisk } from '../host/files.ts';
import { assertWritablePath, readFileOrNull, removeFile } from '../host/files.ts';
import { ManagedFiles } from '../host/managed-files.ts';
import { PreviousFiles } from '../host/previous-files.ts';
import { defineAction } from './action.ts';
import { type FileState, fileFacts, readAccountNames } from './file-ensure.ts';

interface AbsentState {
  readonly path: string;
  readonly current: FileOnDisk | null;
  readonly names: FileState['names'];
}

export const fileAbsent = defineAction<'file-absent', AbsentState>({
  resources: (params) => [`path:${params.path}`],
  async check(host, { path }) {
    await assertWritablePath(path, host.config.writable);
    return { path, current: await readFileOrNull(path), names: await readAccountNames() };
  },
  plan: (state) => (state.current === null ? [] : [{ subject: state.path, summary: 'remove' }]),
  async apply(host, state) {
    await new PreviousFiles(host.config.state).keep(state.path, state.current);
    await removeFile(state.path);
    await new ManagedFiles(host.config.state).note(state.path);
  },
  // Whether the bytes of a file that goes away are secret is not known here: its digest stays on the host.
  facts: (state) => fileFacts({ ...state, secret: true }),
});
