/** What a call would do on a host that nothing is known of: from its parameters alone, secrets left out. Pure. */

import type { Change } from '../../shared/protocol/actions.ts';
import type { StepCall } from './step.ts';

export function describeCall(call: StepCall): readonly Change[] {
  switch (call.action) {
    case 'file-ensure':
      return [{ subject: call.params.path, summary: 'create', ...contentDiff(call.params) }];
    case 'package-ensure':
      return call.params.packages.map((name) => ({ subject: `package ${name}`, summary: 'install' }));
    case 'service-ensure': {
      const { unit, enabled, running } = call.params;
      return [
        ...(enabled === undefined
          ? []
          : [{ subject: unit, summary: enabled ? 'enable' : 'leave the start at boot to the guard' }]),
        ...(running === true ? [{ subject: unit, summary: 'start' }] : []),
      ];
    }
    case 'sql-ensure':
      return [describeSql(call.params)];
    case 'replication-ensure': {
      const subject = `replication from ${call.params.source.host}`;
      return [{ subject, summary: call.params.running ? 'start receiving and applying' : 'configure' }];
    }
    case 'verify-row-ensure':
      return [{ subject: `verify row ${call.params.token}`, summary: 'insert' }];
    default:
      return [];
  }
}

function describeSql(params: Extract<StepCall, { action: 'sql-ensure' }>['params']): Change {
  switch (params.kind) {
    case 'user': {
      const rights = params.grants
        .map(({ privileges, database, table }) => `${privileges.join(', ')} on ${database}.${table}`)
        .join('; ');
      return { subject: `account ${params.user}@${params.host}`, summary: `create with ${rights}` };
    }
    case 'database':
      return { subject: `database ${params.database}`, summary: 'create' };
    case 'variable':
      return { subject: `variable ${params.name}`, summary: 'set' };
    case 'hotpair-schema':
      return { subject: 'schema hotpair', summary: 'create' };
  }
}

function contentDiff(params: Extract<StepCall, { action: 'file-ensure' }>['params']): { diff: string } {
  if (params.copyOf !== undefined) return { diff: `copy of ${params.copyOf}` };
  if (params.secret === true) return { diff: '[secret content]' };
  const lines = (params.content ?? '').replace(/\n$/, '').split('\n');
  return { diff: lines.map((line) => `+${line}`).join('\n') };
}
