/** 健康报告的简体中文文案。 */

import type { Drift } from '../../shared/model/facts.ts';
import { bytes } from './units.ts';
import { days, duration, milliseconds } from './units-zh.ts';
import type { ReportWords } from './words.ts';

const LARGE = '占用最多的往往是旧的 binlog。';
const GRADES = { healthy: '正常', attention: '需关注', critical: '严重' } as const;
const DRIFT: Readonly<Record<Drift['how'], string>> = {
  ...{ missing: '已不存在', content: '内容已被改动', mode: '权限或属主已被改动' },
};
const bracketed = (text: string | null): string => (text === null || text === '' ? '' : `（${text}）`);
const place = (position: string): string => position || '起点';

const replication: ReportWords['replication'] = (channel) => {
  if (channel.state === 'running') return `来自 ${channel.from}，两个线程都在运行`;
  if (channel.state === 'stopped') return `IO ${channel.io}，SQL ${channel.sql ? 'Yes' : 'No'}`;
  if (channel.state === 'none') return '未设置';
  return channel.state === 'server-down' ? '数据库已停止' : '未知';
};

export const CHINESE: ReportWords = {
  lang: 'zh-CN',
  grades: GRADES,
  severities: { critical: '严重', warning: '警告' },
  headline: {
    healthy: (pair, primary, vip, standby) =>
      `正常：${pair}：${primary} 为主库并持有 VIP ${vip}，${standby} 正常跟随。`,
    trouble: (grade, pair, subject, detail, more) =>
      `${GRADES[grade]}：${pair}：${subject === null ? '' : `${subject}：`}${detail.replace(/。$/, '')}${more === 0 ? '。' : `；另有 ${more} 项见下文。`}`,
    all: (grade, count, of) => {
      const part = (one: keyof typeof GRADES): string[] =>
        of[one].length === 0 ? [] : [`${GRADES[one]}：${of[one].join('、')}`];
      const parts = [...part('critical'), ...part('attention'), ...part('healthy')];
      return `${GRADES[grade]}：共 ${count} 组双机；${parts.join('；')}。`;
    },
  },
  findings: {
    'two-writers': {
      detail: () => '两台数据库同时可写。',
      remedy: () => '先停止写入，并比对两边的数据，再做其他操作。',
    },
    'two-holders': {
      detail: () => '两台主机同时持有 VIP。',
      remedy: () => '查看 coordinator logs；coordinator deploy 会修正 keepalived 和 guard。',
    },
    'no-holder': {
      detail: ({ hosts }) => `VIP 不在 ${hosts.join('、')} 上。`,
      remedy: () => 'coordinator logs 会显示为何没有 guard 允许持有。',
    },
    errant: {
      detail: ({ count }) => `备库有 ${count} 个主库没有的事务。`,
      remedy: () => '在角色切换之前，查明是谁写入了备库。',
    },
    interruptions: {
      detail: ({ moves, returns, ms }) => {
        const parts = [
          ...(moves === 0 ? [] : [`迁移 ${moves} 次`]),
          ...(returns === 0 ? [] : [`离开后返回 ${returns} 次`]),
        ];
        return `本周期内 VIP ${parts.join('、')}${ms === 0 ? '' : `，客户端共中断 ${milliseconds(ms)}`}。`;
      },
      remedy: () => 'coordinator events 会显示之前发生了什么。',
    },
    versions: {
      detail: ({ versions: [a, b] }) => `两台数据库版本不同：${a} 与 ${b}。`,
      remedy: () => '把两台升级到同一版本，先备库后主库。',
    },
    'holder-read-only': {
      detail: () => '它持有 VIP，但其数据库为只读。',
      remedy: () => 'coordinator logs 会显示其 guard 在等什么。',
    },
    'server-silent': {
      detail: ({ error }) => `数据库无应答${bracketed(error)}。`,
      remedy: ({ host }) => `coordinator logs ${host} 会显示原因；coordinator deploy 会启动它。`,
    },
    'agent-silent': {
      detail: ({ error }) => `其 agent 无应答${bracketed(error?.replace(/\.$/, '') ?? null)}。`,
      remedy: () => '主机是否在线？在其上执行 systemctl status hotpair-agent；或 coordinator agent install。',
    },
    'peer-away': {
      detail: ({ peer, up }) =>
        up ? `${peer} 尚未恢复为它的备库，它暂无复制来源。` : `${peer} 已停止，它暂无复制来源。`,
      remedy: ({ peer }) => `${peer} 恢复后它会自动继续。`,
    },
    'replication-stopped': {
      detail: ({ channel, error }) => `复制未运行：${replication(channel)}${bracketed(error)}。`,
      remedy: () => 'coordinator status 会指出原因；coordinator deploy 会修复设置。',
    },
    'guard-silent': {
      detail: () => 'guard 已停止或无应答，该主机无法接管。',
      remedy: ({ host }) => `coordinator logs ${host}；coordinator deploy 会启动它。`,
    },
    'keepalived-down': {
      detail: () => 'keepalived 没有运行，该主机无法持有 VIP。',
      remedy: ({ host }) => `coordinator logs ${host}；coordinator deploy 会启动它。`,
    },
    'disk-full': {
      detail: ({ percent, freeBytes }) => `数据盘已用 ${percent} %，剩余 ${bytes(freeBytes)}。`,
      remedy: () => `请在数据库停止之前清理或扩容；${LARGE}`,
    },
    'disk-fills': {
      detail: ({ days: left }) => `按最近几周的趋势，数据盘约 ${days(left)}后写满。`,
      remedy: () => `查看是什么在增长：${LARGE}`,
    },
    certificate: {
      detail: ({ name, daysLeft }) =>
        daysLeft < 0 ? `${name} 证书已过期。` : `${name} 证书将在 ${days(daysLeft)}后到期。`,
      remedy: ({ host }) => `coordinator agent install ${host} 会换发证书。`,
    },
    lag: {
      detail: ({ seconds }) => `复制延迟 ${seconds} 秒。`,
      remedy: () => '若此时切换需等它追上；检查长语句和慢磁盘。',
    },
    clock: {
      detail: ({ ms }) => `其时钟比 coordinator ${ms > 0 ? '快' : '慢'} ${milliseconds(Math.abs(ms))}。`,
      remedy: () => '请在三台机器上都运行时间同步服务。',
    },
    drift: {
      detail: ({ drift }) =>
        `与部署时不同：${drift.map(({ path, how }) => `${path} ${DRIFT[how]}`).join('；')}。`,
      remedy: () => 'coordinator plan 显示差异，coordinator deploy 会改回；自己的设置请写入 hotpair.yaml。',
    },
  },
  attention: '需要处理的事，最紧急的在前',
  calm: '没有需要处理的事。',
  item: (subject, detail) => `${subject}：${detail}`,
  reportOf: (time, length) => `健康报告，${time}${length === null ? '' : `，最近 ${length}`}`,
  missed: (count, first, last) =>
    count === 1
      ? `错过了 ${first} 的报告：守护进程当时没有运行。`
      : `错过了 ${first} 至 ${last} 的 ${count} 份报告：守护进程当时没有运行。`,
  overview: { title: '全部双机', heading: ['双机', '结论', '可用率', '中断'] },
  figures: {
    title: '数据',
    heading: ['本周期', '上一周期'],
    rows: {
      ...{ available: '可用率', interruptions: '中断次数', withoutVip: '没有 VIP', inSync: 'SYNC 占比' },
      ...{ lag: '最大延迟', commits: '每秒提交', load: '最高负载', watched: '有观察的时间' },
    },
    commits: (mean, most) => `${mean}，最多 ${most}`,
  },
  tiles: {
    interruptions: () => '次中断',
    ...{ available: '可用率', lag: '最大延迟', never: '从未', drilled: '演练', sinceDrill: '距上次演练' },
  },
  hosts: {
    title: '主机',
    rows: {
      ...{
        address: '地址',
        role: '角色',
        server: '数据库',
        writes: '可写',
        replication: '复制',
        lag: '延迟',
      },
      ...{ diskFree: '可用磁盘', diskFull: '磁盘写满', load: '负载', hostUp: '主机已运行' },
      certificates: '证书',
    },
  },
  roles: {
    ...{ primary: '主库', standby: '备库', promoting: '正在接管', demoting: '正在退出' },
    ...{ down: '停止', maintenance: '维护', unknown: '未知' },
  },
  serverDown: '停止',
  serverUp: (version, length) => `${version}，已运行 ${length}`,
  ...{ yes: '是', no: '否', readOnly: '只读' },
  fullIn: (left) => `约 ${left}后`,
  ...{ fullUnknown: '尚不清楚', fullNever: '一年之内不会' },
  replication,
  notWatched: '当时无人观察',
  atMost: (length) => `最多 ${length}`,
  interruptions: {
    title: '中断',
    heading: ['时间', 'VIP', '没有 VIP', '原因'],
    back: (host) => `回到 ${host}`,
    causes: {
      ...{ 'server-down': '数据库停止', 'host-lost': '主机失联', isolated: '主机被隔离' },
      ...{ 'disk-full': '磁盘已满', 'address-lost': 'keepalived 丢失了 VIP' },
      ...{ planned: '计划内', drill: '演练', unknown: '原因不明' },
    },
  },
  runs: {
    title: '部署与演练',
    heading: ['时间', '命令', '结果', '改动', '用时'],
    outcomes: { ok: '成功', failed: '失败', refused: '被拒绝', interrupted: '被打断' },
    notEnded: '未结束',
  },
  summary: {
    failovers: (length, count, interrupted) =>
      `最近 ${length}切换 ${count} 次${interrupted === null ? '' : `，共中断 ${interrupted}`}。`,
    gtidUnknown: 'GTID 差异：未知，有数据库无应答。',
    gtidNone: (position) => `GTID 差异：无，两台数据库都在 ${place(position)}。`,
    gtid: (differences, places) => {
      const parts = differences.map(({ ahead, by, domain }) => `${ahead} 在域 ${domain} 领先 ${by} 个事务`);
      const ends = places.map(([name, position]) => `${name} 在 ${place(position)}`);
      return `GTID 差异：${parts.join('，')}（${ends.join('，')}）。`;
    },
    drill: (age, waited) =>
      `上次演练：${age === 0 ? '今天' : `${days(age)}前`}${waited === null ? '' : `；客户端等待 ${waited}`}。`,
    noDrill: (pair) => `尚未做过演练：coordinator drill ${pair}。`,
  },
  charts: { commits: '每秒提交', lag: '备库延迟', load: '主机负载' },
  highest: (value) => `最高 ${value}`,
  more: (count) => `……另有 ${count} 项`,
  ...{ milliseconds, duration, days },
};
