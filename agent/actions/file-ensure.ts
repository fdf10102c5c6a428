/** file-ensure: a file has these bytes, this owner and this mode. Validated before it goes live; the old one is kept. */

import { AppError } from '../../shared/errors/app-error.ts';
import type { FileFacts } from '../../shared/model/action-facts.ts';
import type { ActionParams, Change } from '../../shared/protocol/actions.ts';
import {
  assertWritablePath,
  type FileOnDisk,
  type FileOwnership,
  readFileOrNull,
  readTextOrNull,
  replaceFile,
  setOwnership,
} from '../host/files.ts';
import type { Host } from '../host/host.ts';
import { fingerprint, isManaged, ManagedFiles } from '../host/managed-files.ts';
import { digestOf, PreviousFiles } from '../host/previous-files.ts';
import { validateFile } from '../host/validate-file.ts';
import { idOf, nameOf } from '../parse/accounts.ts';
import { fileDiff } from '../parse/file-diff.ts';
import { defineAction } from './action.ts';

export interface FileState {
  readonly path: string;
  readonly current: FileOnDisk | null;
  /** It is noted that the file was deployed as it is now. */
  readonly noted: boolean;
  readonly wanted: FileOwnership & { readonly bytes: Buffer };
  readonly secret: boolean;
  readonly names: { readonly passwd: string; readonly group: string };
}

type Params = ActionParams<'file-ensure'>;

export const fileEnsure = defineAction<'file-ensure', FileState>({
  resources: (params) => [`path:${params.path}`],

  async check(host, params) {
    await assertWritablePath(params.path, host.config.writable);
    const names = await readAccountNames();
    const bytes = await wantedBytes(params, host.config.writable);
    const wanted = { bytes, mode: params.mode, ...(await wantedOwner(params, names)) };
    // What comes from a file of the host is a key unless everybody may read it.
    const secret = params.secret === true || (params.copyOf !== undefined && (params.mode & 0o004) === 0);
    const current = await readFileOrNull(params.path);
    const noted = await isNoted(host, params.path, current);
    return { path: params.path, current, noted, wanted, secret, names };
  },

  plan: planFile,

  async apply(host, state, params) {
    const { current, wanted, path } = state;
    if (current?.bytes.equals(wanted.bytes)) await setOwnership(path, wanted);
    else {
      await new PreviousFiles(host.config.state).keep(path, current);
      await replaceFile(path, wanted.bytes, {
        ...wanted,
        validate: (temporary) => validate(host, params, temporary),
      });
    }
    if (isManaged(path)) await new ManagedFiles(host.config.state).note(path);
  },

  facts: fileFacts,
});

export function planFile(state: FileState): readonly Change[] {
  const { current, wanted, path } = state;
  if (current === null) return [{ subject: path, summary: 'create', ...contentDiff(state) }];
  const changes: Change[] = [];
  if (!current.bytes.equals(wanted.bytes))
    changes.push({ subject: path, summary: 'change content', ...contentDiff(state) });
  if (current.mode !== wanted.mode)
    changes.push({
      subject: path,
      summary: 'change mode',
      diff: `${octal(current.mode)} -> ${octal(wanted.mode)}`,
    });
  if (current.uid !== wanted.uid || current.gid !== wanted.gid)
    changes.push({
      subject: path,
      summary: 'change owner',
      diff: `${ownerText(current, state)} -> ${ownerText(wanted, state)}`,
    });
  if (changes.length === 0 && !state.noted) changes.push({ subject: path, summary: 'note as deployed' });
  return changes;
}

export function fileFacts(state: Pick<FileState, 'path' | 'current' | 'secret' | 'names'>): FileFacts {
  const { current, path, names, secret } = state;
  if (current === null) return { path, exists: false, sha256: null, mode: null, owner: null, group: null };
  return {
    path,
    exists: true,
    sha256: secret ? null : digestOf(current),
    mode: current.mode,
    owner: nameOf(current.uid, names.passwd),
    group: nameOf(current.gid, names.group),
  };
}

export async function readAccountNames(): Promise<FileState['names']> {
  return {
    passwd: (await readTextOrNull('/etc/passwd')) ?? '',
    group: (await readTextOrNull('/etc/group')) ?? '',
  };
}

/** A file that is not there, or is not watched, needs no note. */
async function isNoted(host: Host, path: string, current: FileOnDisk | null): Promise<boolean> {
  if (current === null || !isManaged(path)) return true;
  return (await new ManagedFiles(host.config.state).noted(path)) === fingerprint(current);
}

async function wantedBytes(params: Params, folders: readonly string[]): Promise<Buffer> {
  if ((params.content === undefined) === (params.copyOf === undefined))
    throw new AppError('INVALID_PARAMS', 'file-ensure needs exactly one of content and copyOf.');
  if (params.content !== undefined) return Buffer.from(params.content, 'utf8');
  const source = params.copyOf ?? '';
  await assertWritablePath(source, folders);
  const file = await readFileOrNull(source);
  if (file === null) throw new AppError('NOT_FOUND', `There is no file ${source} to copy.`);
  return file.bytes;
}

async function wantedOwner(params: Params, names: FileState['names']) {
  const uid = params.owner === undefined ? (process.getuid?.() ?? 0) : idOf(params.owner, names.passwd);
  const gid = params.group === undefined ? (process.getgid?.() ?? 0) : idOf(params.group, names.group);
  if (uid === undefined) throw new AppError('NOT_FOUND', `There is no user ${params.owner} on the host.`);
  if (gid === undefined) throw new AppError('NOT_FOUND', `There is no group ${params.group} on the host.`);
  return { uid, gid };
}

async function validate(host: Host, params: Params, temporary: string): Promise<void> {
  if (params.validate !== undefined) await validateFile(host, params.validate, temporary, params.path);
}

function contentDiff(state: FileState): { diff: string } {
  if (state.secret) return { diff: '[secret content differs]' };
  const before = state.current === null ? null : state.current.bytes.toString('utf8');
  return { diff: fileDiff(state.path, before, state.wanted.bytes.toString('utf8')) };
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
const ownerText = (file: FileOwnership, state: FileState): string =>
  `${nameOf(file.uid, state.names.passwd)}:${nameOf(file.gid, state.names.group)}`;
