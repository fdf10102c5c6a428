/** A coordinator whose sub-commands show what the frame does: errors, progress, signals, questions. For tests only. */

import { setTimeout as delay } from 'node:timers/promises';
import { confirm } from '../../coordinator/cli/confirm.ts';
import { type RegisterCommand, runCli } from '../../coordinator/cli/frame.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { isErrorCodeName } from '../../shared/errors/codes.ts';

const registerProbe: RegisterCommand = (program, cli) => {
  program.command('fail <code>').action((code: string) => {
    const { output } = cli();
    output.result({ checked: 3 });
    if (!isErrorCodeName(code)) throw new TypeError('an unforeseen fault');
    throw new AppError(code, 'It went wrong.', { data: { host: 'db1' }, cause: new Error('the root of it') });
  });
  program.command('say').action(() => {
    const { output } = cli();
    output.line(`${output.style.green('green')} and \u001b]0;title\u0007words of a server\u001b[2J`);
    output.table([
      ['HOST', 'ROLE'],
      ['db1', output.style.bold('primary')],
      ['database2', 'standby'],
    ]);
    output.warn('a warning');
    output.result({ said: true });
  });
  program.command('work').action(async () => {
    const { output } = cli();
    const progress = output.progress();
    progress.task('db1', 'db1');
    const packages = progress.task('packages', 'Packages', 'db1');
    packages.update('4 of 9');
    await delay(250);
    output.line('a line meanwhile');
    packages.done('changed', '9 installed');
    progress.task('server', 'Server', 'db1').fail('it did not start');
    progress.task('rest', 'Rest', 'db1').done('skipped');
    progress.end();
    output.result({ changed: 9 });
  });
  program.command('wait').action(async () => {
    const { output, signal } = cli();
    output.line('waiting');
    await new Promise((_, reject) => {
      const busy = setInterval(() => undefined, 1000);
      signal.addEventListener('abort', () => {
        clearInterval(busy);
        reject(signal.reason);
      });
    });
  });
  program.command('stubborn').action(async () => {
    cli().output.line('waiting');
    await delay(60_000);
  });
  program.command('follow').action(async () => {
    const { output, signal } = cli();
    for (let number = 0; !signal.aborted; number++) {
      output.line(`line ${number}`);
      output.record({ number });
      if (number === 3 && output.mode === 'json') return;
      await delay(5);
    }
  });
  program
    .command('ask')
    .option('--yes')
    .action(async ({ yes }: { yes?: true }) => {
      await confirm(cli(), 'Stop the server?', yes);
      cli().output.line('stopped');
    });
  program.command('pair [name]').action(async (name: string | undefined) => {
    const { output, loadSpec, pair } = cli();
    output.result(pair(await loadSpec(), name).name);
  });
};

process.exitCode = await runCli(process.argv.slice(2), [registerProbe]);
