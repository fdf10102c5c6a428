/** `coordinator serve`: the daemon in the foreground, for systemd or a terminal. Logs are JSON lines on standard error. */

import { createLogger } from '../../shared/runtime/logger.ts';
import type { RegisterCommand } from './frame.ts';

export const registerServe: RegisterCommand = (program, cli) => {
  program
    .command('serve')
    .summary('watch all pairs, keep their history, send reports')
    .description(
      'Runs the daemon in the foreground until Ctrl-C or SIGTERM: watches all pairs, records events, makes the scheduled health reports, and serves the console and the REST interface on coordinator.listen to whoever has a token (coordinator token create); over TLS wherever other machines reach it. Its log is JSON lines on standard error. One daemon for each data folder.',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  coordinator serve\n  coordinator serve --config /etc/hotpair/hotpair.yaml',
    )
    .action(async () => {
      const { output, signal, loadSpec, configFile } = cli();
      const spec = await loadSpec();
      const { serve } = await import('../serve.ts');
      await serve({
        ...{ spec, signal, loadSpec, configFile, log: createLogger('coordinator') },
        onReady: (url) => output.line(`Watching ${spec.pairs.map((pair) => pair.name).join(', ')}; ${url}/`),
      });
      output.result({ stopped: true });
    });
};
