/** 事件的简体中文文案：取自事件的类别、主机和数据；数据里没有的，这里就不说。 */

import { milliseconds } from '../report/units-zh.ts';
import type { EventKind } from '../store/event-kinds.ts';
import type { StoredEvent } from '../store/event-log.ts';

type Sentence = (event: StoredEvent) => string;

const host = (event: StoredEvent): string => event.host ?? '主机';
const text = ({ data }: StoredEvent, key: string): string | null => {
  const value = data[key];
  return typeof value === 'string' && value !== '' ? value : null;
};
const count = ({ data }: StoredEvent, key: string): number | null => {
  const value = data[key];
  return typeof value === 'number' ? value : null;
};
const texts = ({ data }: StoredEvent, key: string): readonly string[] => {
  const value = data[key];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
};

const after = (event: StoredEvent, key: string, words: (length: string) => string): string => {
  const ms = count(event, key);
  return ms === null ? '' : words(milliseconds(ms));
};

function gap(event: StoredEvent, key: string): string {
  const most = text(event, 'gapFrom') === 'guards' ? '' : '最多 ';
  return after(event, key, (ms) => `；无主持续${most === '' ? ' ' : most}${ms}`);
}

/** 主机名、数据库自己的话等原样保留。 */
function files({ data }: StoredEvent): string {
  const all: readonly unknown[] = Array.isArray(data['files']) ? data['files'] : [];
  const paths = all.flatMap((one) => {
    if (typeof one === 'string') return [one];
    return typeof one === 'object' && one !== null && 'path' in one ? [String(one.path)] : [];
  });
  return paths.join('、');
}

function replicationBroken(event: StoredEvent): string {
  if (event.data['consequence'] === true) return `${host(event)} 无法复制：对方的数据库已停止。`;
  const channel = event.data['channel'];
  if (typeof channel !== 'object' || channel === null) return `${host(event)} 没有设置复制。`;
  const errors = ['ioError', 'sqlError'].flatMap((key) => {
    const words: unknown = Object.getOwnPropertyDescriptor(channel, key)?.value;
    return typeof words === 'string' && words !== '' ? [words.trim()] : [];
  });
  return `${host(event)} 的复制已停止${errors.length === 0 ? '' : `：${errors.join('；')}`}。`;
}

function reportOf(event: StoredEvent): string {
  const schedule = text(event, 'schedule');
  return schedule === null ? '健康报告' : `健康报告 ${schedule}`;
}

function witnessMuted(event: StoredEvent): string {
  switch (text(event, 'to')) {
    case 'started':
      return `${event.pair} 的见证刚刚启动：在它先前的许可可能仍然有效的时间内，不许可新的主库。`;
    case 'storage':
      return `${event.pair} 的见证不投票：无法写下投票（${text(event, 'detail') ?? '原因见日志'}）。`;
    default:
      return `${event.pair} 的见证联系不到任何 guard：在此期间，两台主机中只能失去一台。`;
  }
}

const ROLES: Readonly<Record<string, string>> = { primary: '主库', standby: '备库' };

/** 缺少一种事件的文案则无法编译。 */
export const EVENT_SENTENCES_ZH: Readonly<Record<EventKind, Sentence>> = {
  AgentLost: (event) => `${host(event)} 的 agent 没有应答；该主机的情况不明。`,
  AgentBack: (event) => `${host(event)} 的 agent 恢复应答。`,
  ServerDown: (event) => `${host(event)} 的数据库已停止。`,
  ServerUp: (event) => `${host(event)} 的数据库恢复应答。`,
  VipMoved: (event) => {
    const [from, to] = [text(event, 'from'), text(event, 'to') ?? host(event)];
    if (from === null) return `VIP 在 ${to} 上（首次看到）。`;
    return `VIP 从 ${from} 移到 ${to}${gap(event, 'gapMs')}。`;
  },
  VipDuplicated: (event) => `VIP 同时在 ${texts(event, 'hosts').join('、')} 上。`,
  VipMissing: (event) => {
    const last = text(event, 'lastHolder');
    return `应答的主机都不持有 VIP${last === null ? '' : `；最后的持有者是 ${last}`}。`;
  },
  VipRestored: (event) => `只有 ${host(event)} 持有 VIP${gap(event, 'missingMs')}。`,
  RoleChanged: (event) => {
    const to = text(event, 'to') ?? '';
    return `${host(event)} 成为${ROLES[to] ?? to}${text(event, 'from') === null ? '（首次看到）' : ''}。`;
  },
  WritersDuplicated: (event) => `${texts(event, 'hosts').join('、')} 同时可写。`,
  WritersRestored: () => '最多只有一台数据库可写。',
  ProtectionLost: () => '提交不再等待备库（SOLO）：备库恢复之前，最新的事务只有一份。',
  ProtectionRestored: (event) =>
    `每次提交都等待备库（SYNC）${after(event, 'soloMs', (ms) => `；此前 ${ms}没有保护`)}。`,
  ReplicationBroken: replicationBroken,
  ReplicationLagging: (event) => `${host(event)} 落后主库 ${count(event, 'secondsBehind') ?? '?'} 秒。`,
  ReplicationHealthy: (event) => `${host(event)} 恢复复制。`,
  KeepalivedDown: (event) => `${host(event)} 的 keepalived 没有运行。`,
  KeepalivedUp: (event) => `${host(event)} 的 keepalived 恢复运行。`,
  GuardDown: (event) => `${host(event)} 的 guard 停止或没有应答。`,
  GuardUp: (event) => `${host(event)} 的 guard 恢复运行。`,
  ConfigDrift: (event) => `${host(event)} 与部署时不同：${files(event)}。`,
  ConfigRestored: (event) => `${host(event)} 恢复为部署时的状态。`,
  DeployStarted: (event) => `开始部署 ${event.pair}。`,
  DeployFinished: (event) =>
    text(event, 'outcome') === 'ok'
      ? `${event.pair} 部署完成，改动 ${count(event, 'changes') ?? 0} 处。`
      : `${event.pair} 部署出错而结束。`,
  ReseedStarted: (event) => `${host(event)} 的数据正被替换为主库的副本。`,
  ReseedFinished: (event) => {
    const saved = text(event, 'saved');
    return `${host(event)} 有了新的数据副本，双机处于 SYNC${saved === null ? '' : `；它独有的事务保存在 ${saved}`}。`;
  },
  DrillStarted: (event) => `演练开始：有意停止 ${host(event)} 的数据库。`,
  DrillFinished: (event) => {
    const ending = { ok: '演练成功', failed: '演练失败' }[text(event, 'outcome') ?? ''] ?? '演练中断';
    const lost = count(event, 'rowsLost');
    const rows = lost === null ? '' : `，${count(event, 'rowsAcknowledged') ?? 0} 行中丢失 ${lost} 行`;
    return `${ending}${after(event, 'outageMs', (ms) => `：${ms}没有确认写入`)}${rows}。`;
  },
  ReportSent: (event) => `${reportOf(event)} 已送达。`,
  ReportFailed: (event) => `${reportOf(event)}（${text(event, 'file') ?? ''}）未能送达，保存在报告目录中。`,
  ReportMissed: (event) =>
    `守护进程没有运行，错过${reportOf(event) === '健康报告' ? '' : ` ${text(event, 'schedule')} 的`} ${count(event, 'count') ?? 1} 份健康报告。`,
  AlertRaised: (event) => `已通知 ${texts(event, 'to').join('、')}：告警 ${text(event, 'rule') ?? ''}。`,
  AlertAcknowledged: (event) => `${text(event, 'by') ?? ''} 正在处理告警 ${text(event, 'rule') ?? ''}。`,
  AlertCleared: (event) =>
    `已通知 ${texts(event, 'to').join('、')}：告警 ${text(event, 'rule') ?? ''} 解除。`,
  AlertFailed: (event) => `告警 ${text(event, 'rule') ?? ''} 未能送达 ${text(event, 'receiver') ?? ''}。`,
  WitnessBack: (event) =>
    `${event.pair} 的见证投票${after(event, 'afterMs', (ms) => `；此前 ${ms}没有投票`)}。`,
  WitnessMuted: witnessMuted,
  WitnessRecordLost: (event) =>
    text(event, 'to') === 'damaged'
      ? `见证对 ${event.pair} 的记忆已损坏（保存为 ${text(event, 'detail') ?? ''}）：双机重新接纳它之后恢复投票。`
      : `见证没有 ${event.pair} 的记忆：双机接纳它之后恢复投票。`,
  DaemonStarted: () => '守护进程已启动。',
  DaemonStopped: () => '守护进程已停止。',
  StoreReplaced: (event) =>
    `数据存储已损坏：旧的保存为 ${text(event, 'setAside') ?? ''}，并新建一个；其中没有历史、审计记录和令牌，请用 coordinator token create 重新创建。`,
};
