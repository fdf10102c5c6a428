/** The command that the alert commands hang below, and what they ask of the file. */

import type { Command } from 'commander';
import { AppError } from '../../shared/errors/app-error.ts';
import type { AlertsSpec } from '../../shared/model/alerts-file.ts';
import type { HotpairSpec } from '../../shared/model/pair-spec.ts';

export function alertGroup(program: Command): Command {
  const known = program.commands.find((command) => command.name() === 'alert');
  return known ?? program.command('alert').summary('who is told of trouble: list, acknowledge, try it');
}

/** Throws AppError NOT_FOUND. */
export function alertsOf(spec: HotpairSpec): AlertsSpec {
  if (spec.alerts !== undefined) return spec.alerts;
  throw new AppError('NOT_FOUND', 'hotpair.yaml names nobody to alert: alerts.receivers is missing.');
}
