/**
 * The coordinator's command line with a ready-made spec (JSON) in place of hotpair.yaml: hosts on loopback, which the
 * file rightly refuses. For tests only.
 */

import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { COMMANDS } from '../../coordinator/cli/commands.ts';
import { type Cli, type RegisterCommand, runCli } from '../../coordinator/cli/frame.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';

function withSpec(register: RegisterCommand): RegisterCommand {
  return (program, cli) =>
    register(program, () => {
      const inner = cli();
      return { ...inner, loadSpec: () => readSpec(inner) };
    });
}

async function readSpec(cli: Cli): Promise<HotpairSpec> {
  return JSON.parse(await readFile(cli.configFile, 'utf8')) as HotpairSpec;
}

process.exitCode = await runCli(process.argv.slice(2), COMMANDS.map(withSpec));
setTimeout(() => process.exit(), 2000).unref();
