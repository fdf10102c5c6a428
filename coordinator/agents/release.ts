/** The archive that a host gets: the bundle with its unit files, the runtime where it is missing, and the link `current`. Pure but for the file sizes it is given. */

import type { AgentBundle } from '../../install/bundle.ts';
import type { Runtime } from './runtime.ts';
import type { TarEntry } from './tar-stream.ts';

/** What /opt/hotpair/current points to for a build. */
export function releaseLink(version: string): string {
  return `releases/${version}`;
}

export function releaseEntries(bundle: AgentBundle, runtime: Runtime, withRuntime: boolean): TarEntry[] {
  const folder = releaseLink(bundle.version);
  const node: TarEntry = {
    kind: 'file',
    path: `runtime/${runtime.name}/node`,
    mode: 0o755,
    size: runtime.size,
    content: { file: runtime.file },
  };
  const file = (name: string, content: Uint8Array): TarEntry => ({
    kind: 'file',
    path: `${folder}/${name}`,
    mode: 0o644,
    size: content.length,
    content,
  });
  return [
    ...(withRuntime ? [node] : []),
    file('agent.cjs', bundle.content),
    file('guard.cjs', bundle.guard),
    ...bundle.units.map((unit) => file(unit.name, Buffer.from(unit.content))),
    { kind: 'link', path: `${folder}/node`, target: `../../runtime/${runtime.name}/node` },
    { kind: 'link', path: 'current', target: folder },
  ];
}
