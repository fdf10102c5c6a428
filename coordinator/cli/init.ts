/** `coordinator init`: writes a commented hotpair.yaml that is valid as it stands. */

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '../../shared/errors/app-error.ts';
import { EXAMPLE } from '../config/example.ts';
import type { RegisterCommand } from './frame.ts';

export const registerInit: RegisterCommand = (program, cli) => {
  program
    .command('init')
    .summary('write a commented hotpair.yaml')
    .description('Writes a commented hotpair.yaml to begin with. An existing file is left alone.')
    .option('-f, --file <file>', 'where to write it', 'hotpair.yaml')
    .option('--force', 'replace an existing file')
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator init\n  coordinator init --file /etc/hotpair/hotpair.yaml',
    )
    .action(async (options: { file: string; force?: true }) => {
      const { output } = cli();
      const file = resolve(options.file);
      await write(file, options.force === true);
      output.line(
        `${file} is written. Change the addresses, then: coordinator check --config ${options.file}`,
      );
      output.result({ file });
    });
};

async function write(file: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, EXAMPLE, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'EEXIST')
      throw new AppError('REFUSED', `${file} exists already and was left alone; --force replaces it.`);
    throw new AppError('USAGE', `${file} cannot be written: ${error.message}.`, { cause: error });
  }
}
