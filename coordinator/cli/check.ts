/** `coordinator check`: validates the file and says in plain words what would be deployed. Talks to no host. */

import { access, constants } from 'node:fs/promises';
import type { SecretSource } from '../../shared/model/alerts-file.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';
import { describeSpec } from './describe-spec.ts';
import type { RegisterCommand } from './frame.ts';

export const registerCheck: RegisterCommand = (program, cli) => {
  program
    .command('check')
    .summary('validate hotpair.yaml and say what it means')
    .description(
      'Validates hotpair.yaml and says in plain words what would be deployed. No host is contacted.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator check\n  coordinator check --config /etc/hotpair/hotpair.yaml',
    )
    .action(async () => {
      const { output, configFile, loadSpec } = cli();
      const spec = await loadSpec();
      const warnings = await missingFiles(spec);
      output.line(`${configFile} is valid.\n`);
      for (const line of describeSpec(spec)) output.line(line);
      for (const warning of warnings) output.warn(`warning: ${warning}`);
      output.result({ file: configFile, valid: true, pairs: spec.pairs, warnings });
    });
};

/** Files that the spec names and that a later command would miss. */
async function missingFiles(spec: HotpairSpec): Promise<string[]> {
  const named: [what: string, file: string | null | undefined][] = [
    ['coordinator.ssh_config', spec.coordinator.sshConfig],
    ['coordinator.smtp.password_file', spec.coordinator.smtp?.password_file],
    ...spec.pairs.map(({ name, database }): [string, string | null | undefined] => [
      `pairs.${name}.database.application.password_file`,
      database.application?.passwordFile,
    ]),
    ...(spec.alerts?.receivers ?? []).flatMap(({ name, url, secret }): [string, string | null][] => [
      [`alerts.receivers.${name}.url_file`, fileOf(url)],
      [`alerts.receivers.${name}.secret_file`, fileOf(secret)],
    ]),
  ];
  const warnings: string[] = [];
  for (const [what, file] of named)
    if (typeof file === 'string' && !(await isReadable(file)))
      warnings.push(`${what}: ${file} is not readable`);
  return warnings;
}

const fileOf = (source: SecretSource | null): string | null =>
  source !== null && 'file' in source ? source.file : null;

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
