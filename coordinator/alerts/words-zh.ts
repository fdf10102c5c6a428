/** 告警的简体中文文案。 */

import { milliseconds } from '../report/units-zh.ts';
import type { AlertParams } from './message.ts';
import type { Words } from './words.ts';

const CAUSES: Readonly<Record<string, string>> = {
  'server-down': '其数据库服务停止',
  'host-lost': '主机失联',
  isolated: '主机与其他节点失去联系',
  'disk-full': '其磁盘已满',
  'address-lost': '其 keepalived 丢失了 VIP',
};
const cause = ({ detail }: AlertParams): string => CAUSES[detail ?? ''] ?? '原因见历史记录';
const gap = ({ count }: AlertParams): string =>
  count === null ? '' : `VIP 无主持续 ${milliseconds(count)}。`;
const bracketed = (text: string | null): string =>
  text === null || text === '' ? '' : `（${text.replace(/\.$/, '')}）`;

export const CHINESE: Words = {
  rules: {
    no_primary: {
      what: ({ vip }) => `没有主机提供 ${vip} 的服务：客户端无法连接或无法写入。`,
      did: () => 'hotpair 会继续尝试；可能缺少已确认事务的主机不会被开放。',
      left: () => '查看各主机的 guard 在等什么；若两台主机都在线而状态不变，请查看它们的日志。',
      over: ({ vip, host }) => `${host ?? '一台主机'} 已恢复 ${vip} 的服务。`,
    },
    unreachable: {
      what: () => '两台主机都不应答 coordinator。',
      did: () => '两台主机不依赖 coordinator 自行决策；若只是 coordinator 断网，客户端不受影响。',
      left: ({ vip }) => `从别处确认 ${vip} 是否应答，再检查网络和主机。`,
      over: () => '主机恢复应答。',
    },
    two_writers: {
      what: () => '两台数据库同时可写，或两台主机同时持有 VIP。',
      did: () => 'guard 只允许一台主机提供服务；这种情况本不应出现。',
      left: ({ host }) => `隔离不是记录中主库的那台主机（${host}），然后比对两边的数据。`,
      over: () => '只有一台主机提供服务。',
    },
    failover: {
      what: (p) => `${p.host} 已接管 ${p.peer}：${cause(p)}。${gap(p)}`,
      did: ({ host, peer }) => `${host} 成为主库，拥有全部已确认的事务；${peer} 会自动作为备库恢复。`,
      left: () => '现在无需处理，方便时查看原因。',
      over: ({ host }) => `${host} 正常服务，双机已恢复 SYNC：任何一台主机故障都不影响服务。`,
    },
    fence_lapse: {
      what: (p) => `${p.host} 曾停止服务，现已恢复：${cause(p)}。${gap(p)}`,
      did: ({ host }) => `在 ${host} 重新获得租约之前，其端口在内核中被关闭；期间没有其他主库。`,
      left: () => '查找原因：磁盘慢、网络中断或数据库被重启。',
      over: ({ host }) => `${host} 正常服务，双机已恢复 SYNC。`,
    },
    solo: {
      what: ({ host }) => `双机处于 SOLO：新提交的事务只在 ${host} 上。`,
      did: ({ peer }) => `${peer} 追上后会自动恢复为备库；在此之前主库故障无人接管。`,
      left: ({ peer }) => `查看 ${peer} 为何未能跟上。`,
      over: () => '双机已恢复 SYNC：每个事务都在两台主机上。',
    },
    standby: {
      what: ({ host, detail }) => `${host} 目前不能接管${bracketed(detail)}。`,
      did: () => '复制持续正常后它会自动恢复为可接管状态。',
      left: ({ host }) => `查看 ${host} 在等什么。`,
      over: ({ host }) => `${host} 又可以接管了。`,
    },
    witness: {
      what: () => '见证者（coordinator 的第三票）不计票：两台主机中只有一台可以故障。',
      did: () => '两台主机已自行调整票数；见证者恢复后会自动取回它的一票。',
      left: () => '确认 coordinator 能连到两台主机的 guard 端口（7434）。',
      over: () => '见证者恢复投票：任何一台主机都可以故障。',
    },
    drill_overdue: {
      what: ({ count }) => `距上次演练已有 ${count} 天。`,
      did: () => '未做任何操作：演练会使客户端中断约一秒，只在您下令时进行。',
      left: () => '选一个业务低峰时段，演练一次切换。',
      over: () => '已完成演练。',
    },
    repair: {
      what: ({ host, detail }) => `${host} 需要修复${bracketed(detail)}。`,
      did: ({ host, peer }) => `${host} 已被排除；${peer} 单独服务，最新的事务只有一份。`,
      left: ({ host }) => `保存仅在 ${host} 上的数据，并从主库重新复制：一条命令即可完成。`,
      over: ({ host }) => `${host} 已恢复为备库。`,
    },
    process_down: {
      what: ({ host, detail }) => `${host} 上的 ${detail} 没有运行。`,
      did: () => 'systemd 已尝试启动；另一台主机继续服务。',
      left: ({ host }) => `查看 ${host} 的日志；重新 deploy 会启动缺失的服务。`,
      over: ({ host }) => `${host} 上的 guard 和 keepalived 正常运行。`,
    },
    agent_silent: {
      what: ({ host }) => `${host} 上的 agent 无应答：该主机状态未知。`,
      did: () => 'guard 不依赖 agent 和 coordinator，继续工作。',
      left: ({ host }) => `${host} 是否在线？若在线，请在其上执行 systemctl status hotpair-agent。`,
      over: ({ host }) => `${host} 恢复应答。`,
    },
    lag: {
      what: ({ host, count }) => `${host} 复制延迟 ${count ?? '较多'} 秒。`,
      did: () => '若此时切换，会等它应用完已收到的事务；不会丢失数据。',
      left: () => '检查长语句、无主键的表和慢磁盘。',
      over: ({ host }) => `${host} 已追上。`,
    },
    disk_full: {
      what: ({ host, count }) => `${host} 的数据盘已用 ${count} %。`,
      did: () => '主库磁盘写满而备库就绪时，备库会接管。',
      left: () => '请立即清理或扩容；占用最多的往往是旧的 binlog。',
      over: ({ host }) => `${host} 的磁盘空间已恢复。`,
    },
    disk_filling: {
      what: ({ host, count }) => `${host} 的数据盘已用 ${count} %。`,
      did: () => '暂无操作。',
      left: () => '请在数据库停止之前清理或扩容。',
      over: ({ host }) => `${host} 的磁盘空间已恢复，或已升级为磁盘将满的告警。`,
    },
    drift: {
      what: ({ host, detail }) => `${host} 上的文件与部署时不同：${detail}。`,
      did: () => '未做任何操作：下次 deploy 会改回。',
      left: () => '先看差异再 deploy；自己的设置请写入 hotpair.yaml。',
      over: ({ host }) => `${host} 上的文件已与部署时一致。`,
    },
    certificate_ends: {
      what: ({ host, detail, count }) => `${host} 的 ${detail} 证书将在 ${count} 天后到期。`,
      did: () => '未做任何操作：deploy 或重新安装 agent 时才会换发证书。',
      left: () => '请立即换发。',
      over: ({ host }) => `${host} 的证书已换发。`,
    },
    certificate: {
      what: ({ host, detail, count }) => `${host} 的 ${detail} 证书将在 ${count} 天后到期。`,
      did: () => '下次 deploy 会换发证书。',
      left: () => '请在到期前 deploy 或重新安装 agent。',
      over: ({ host }) => `${host} 的证书已换发，或即将到期。`,
    },
  },
  test: {
    what: () => '这是一条测试消息，一切正常。',
    did: () => 'hotpair 只发送了这条消息。',
    left: () => '无需处理。',
    over: () => '',
  },
  kinds: {
    repeated: '仍未恢复',
    escalated: '无人确认',
    acknowledged: '已确认',
    cleared: '已恢复',
    test: '测试',
  },
  severities: { critical: '严重', warning: '警告' },
  since: (time, ago) => `自 ${time} 起（已 ${ago}）`,
  lasted: (time, ago) => `自 ${time} 起，持续 ${ago}`,
  acknowledgedBy: (name) => `${name} 正在处理。`,
  andMore: (pair, count) => `${pair} 等 ${count + 1} 对`,
  alsoTitle: '同时出现的还有',
  didTitle: 'hotpair 的处理',
  leftTitle: '需要您做的',
  acknowledge: (command) => `确认后不再重复：${command}`,
  length: milliseconds,
};
