/** What an explanation says, in the languages that there are: one function a line. Pure. */

import { reasonInChinese, TAKEOVER_PHASES_ZH } from '../../shared/pair/reasons-zh.ts';
import type { StoredDecision } from '../store/decisions.ts';
import type { Proof } from './takeover.ts';

type Decision = StoredDecision['decision'];
/** Milliseconds by phase, in order. */
type Phases = Readonly<Record<string, number>>;

export interface ExplanationWords {
  head(event: { readonly id: number; readonly time: string; readonly message: string }): string;
  readonly noDecisions: string;
  readonly noTakeover: string;
  readonly witness: string;
  readonly epoch: (epoch: number | null) => string;
  readonly reason: (decision: Decision) => string;
  readonly rest: (until: string, count: number, hosts: readonly (readonly [string, string])[]) => string;
  readonly unfinished: (host: string) => string;
  readonly votes: (ballot: number | null, promised: readonly string[], accepted: readonly string[]) => string;
  readonly phases: (host: string, phases: Phases) => string;
  readonly unasked: (host: string) => string;
  readonly proven: (host: string, proof: Proof) => string;
  readonly unproven: (host: string, proof: Proof) => string;
}

const listed = (phases: Phases, name: (phase: string) => string, between: string): string =>
  Object.entries(phases)
    .map(([phase, ms]) => `${name(phase)} ${Math.round(ms)}`)
    .join(between);

export const ENGLISH: ExplanationWords = {
  head: ({ id, time, message }) => `Event ${id}, ${time}: ${message}`,
  noDecisions: 'No decision of a guard is known from around this time.',
  noTakeover: 'No host took over.',
  witness: 'the witness',
  epoch: (epoch) => `epoch ${epoch ?? '-'}`,
  reason: ({ reason }) => reason,
  rest: (until, count, hosts) =>
    `Until ${until} ${count} more decisions followed, to ${hosts.map((host) => host.join(' ')).join(' and ')}.`,
  unfinished: (host) => `The takeover of ${host} did not come to its end.`,
  votes: (ballot, promised, accepted) => {
    const list = (voters: readonly string[]): string => voters.join(', ') || 'not known';
    return `Votes in ballot ${ballot ?? '-'}: promised by ${list(promised)}; accepted by ${list(accepted)}.`;
  },
  phases: (host, phases) => `Takeover of ${host} in ms: ${listed(phases, (phase) => phase, ', ')}.`,
  unasked: (host) => `${host} never asked for the record, so nothing was decided by it.`,
  proven: (host, { epoch, applied }) =>
    `Nothing acknowledged was left behind: by the record of epoch ${epoch} (SYNC) all of it was received by ${host}, and when ${host} asked for the new record it had applied what it had received: ${applied}.`,
  unproven: (host, { mode, epoch, received, applied }) =>
    `NOT PROVEN that nothing was left behind: the record of epoch ${epoch} was ${mode?.toUpperCase() ?? 'unknown'}; ${host} had received ${received || 'nothing'} and applied ${applied || 'nothing'}.`,
};

const PHASES_ZH: Readonly<Record<string, string>> = TAKEOVER_PHASES_ZH;

export const CHINESE: ExplanationWords = {
  head: ({ id, time, message }) => `事件 ${id}，${time}：${message}`,
  noDecisions: '这段时间前后没有已知的 guard 决定。',
  noTakeover: '没有主机接管。',
  witness: '见证',
  epoch: (epoch) => `epoch ${epoch ?? '-'}`,
  reason: ({ row, reason }) => reasonInChinese(row, reason) ?? reason,
  rest: (until, count, hosts) =>
    `到 ${until} 为止又有 ${count} 个决定，之后 ${hosts.map((host) => host.join(' 为 ')).join('，')}。`,
  unfinished: (host) => `${host} 的接管没有完成。`,
  votes: (ballot, promised, accepted) => {
    const list = (voters: readonly string[]): string => voters.join('、') || '未知';
    return `第 ${ballot ?? '-'} 次投票：承诺的有 ${list(promised)}；接受的有 ${list(accepted)}。`;
  },
  phases: (host, phases) =>
    `${host} 接管所用的毫秒数：${listed(phases, (phase) => PHASES_ZH[phase] ?? phase, '，')}。`,
  unasked: (host) => `${host} 从未请求写入记录，因此没有由它作出任何决定。`,
  proven: (host, { epoch, applied }) =>
    `已确认的事务没有遗漏：按 epoch ${epoch} 的记录（SYNC），${host} 已收到全部已确认的事务；${host} 请求新记录时，收到的都已应用：${applied}。`,
  unproven: (host, { mode, epoch, received, applied }) =>
    `无法证明没有遗漏：epoch ${epoch} 的记录为 ${mode?.toUpperCase() ?? '未知'}；${host} 收到 ${received || '无'}，已应用 ${applied || '无'}。`,
};
