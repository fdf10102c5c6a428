/** What each error code means, and what to do, in simplified Chinese; the particulars stay in the daemon's own words. */

import type { ErrorCode, ErrorCodeName } from '../../../shared/errors/codes.ts';

/** Undefined for a code of a newer daemon. */
export function problemInChinese(code: string): ErrorCode | undefined {
  return Object.hasOwn(ZH_PROBLEMS, code) ? ZH_PROBLEMS[code as ErrorCodeName] : undefined;
}

const ZH_PROBLEMS: Readonly<Record<ErrorCodeName, ErrorCode>> = {
  INTERNAL: {
    meaning: 'hotpair 内部出现了未预料到的错误。',
    remedy: '查看所指进程的日志，并附上日志反馈。',
  },
  USAGE: { meaning: '命令行写法不对。', remedy: 'coordinator help 命令名 会显示用法。' },
  INVALID_PARAMS: { meaning: '参数不符合规定的格式。', remedy: '修改信息中指出的字段。' },
  METHOD_NOT_FOUND: {
    meaning: 'agent 不认识这个方法或动作。',
    remedy: '安装同版本的 agent：coordinator agent install。',
  },
  MALFORMED_FRAME: {
    meaning: 'WebSocket 消息不是 JSON-RPC 2.0，或者太大。',
    remedy: '使用同版本的客户端。',
  },
  REPLAYED_KEY: { meaning: '同一个幂等键被用于不同的参数。', remedy: '每次新的请求使用新的键。' },
  DEADLINE_EXCEEDED: {
    meaning: '没有在期限内完成。',
    remedy: '用 coordinator logs 看主机在忙什么，然后重新执行。',
  },
  CANCELLED: { meaning: '已被下达者取消。', remedy: '需要时重新执行。' },
  CONNECTION_LOST: {
    meaning: '答复到达之前，与 agent 的连接断开了。',
    remedy: '确认主机在线且 hotpair-agent 在运行，然后重新执行。',
  },
  AGENT_UNREACHABLE: {
    meaning: '主机上没有 agent 应答。',
    remedy: '检查地址、防火墙，以及主机上的 systemctl status hotpair-agent。',
  },
  AGENT_VERSION: {
    meaning: '主机上的 agent 与本 coordinator 版本不同。',
    remedy: 'coordinator agent install 会把它升级到本版本。',
  },
  CERTIFICATE_REJECTED: {
    meaning: '证书已过期、由别的机构签发，或不属于这台主机。',
    remedy: 'coordinator agent install 会签发新证书。',
  },
  SSH_FAILED: {
    meaning: '无法通过 ssh 连到主机。',
    remedy: '手工执行所显示的 ssh 命令；hotpair 使用系统的 OpenSSH 及其配置。',
  },
  HOST_KEY_CHANGED: {
    meaning: '主机的 ssh 密钥与以前不同。',
    remedy: '若主机重装过，删除旧密钥（ssh-keygen -R 主机）；否则先查明应答的是谁。',
  },
  COMMAND_FAILED: { meaning: '主机上的程序出错结束。', remedy: '看信息中该程序自己的话。' },
  PACKAGE_LOCKED: {
    meaning: '主机的软件包管理器正被别的程序占用。',
    remedy: '等它结束（信息中有它的名字），然后重新执行。',
  },
  DISK_FULL: { meaning: '主机的磁盘已满。', remedy: '在所指的文件系统上腾出空间。' },
  PATH_REFUSED: {
    meaning: '文件操作的路径不在允许的目录内，或经过符号链接。',
    remedy: '只能写 hotpair 管理的目录。',
  },
  CONFIG_REJECTED: {
    meaning: '配置文件被使用它的程序拒绝；原来的文件仍在。',
    remedy: '修改该程序指出的设置。',
  },
  SERVER_START_FAILED: {
    meaning: '数据库无法用新配置启动；已恢复原来的配置。',
    remedy: '修改数据库自己指出的设置。',
  },
  SQL_FAILED: { meaning: '数据库拒绝了一条语句。', remedy: '看数据库自己的话。' },
  DATABASE_DOWN: {
    meaning: '主机上的数据库没有应答。',
    remedy: 'coordinator logs 主机 会显示原因；在主机上执行 systemctl status mariadb。',
  },
  NOT_CONVERGED: {
    meaning: '动作执行之后，检查仍发现差异。',
    remedy: '主机上有别的东西在改同一处；找到它，然后重新执行。',
  },
  FENCE_UNAVAILABLE: {
    meaning: '无法使用内核的包过滤器，而正是它让客户端连不到不得服务的主机。',
    remedy: '安装 nftables 软件包，并确认内核有 nf_tables；信息中有 nft 的原话。',
  },
  PREFLIGHT_FAILED: {
    meaning: '主机还不具备部署条件；没有做任何改动。',
    remedy: '每个问题都列有处理办法。',
  },
  STEP_BLOCKED: { meaning: '按现在的情况，部署的某一步无法开始。', remedy: '信息中说明它在等什么。' },
  PAIR_BUSY: { meaning: '另一个 coordinator 正在操作这对主机。', remedy: '等它结束；信息中有它的名字。' },
  PAIR_UNHEALTHY: {
    meaning: '这对主机不健康，命令被拒绝。',
    remedy: 'coordinator status 会指出问题；coordinator deploy 会修复。',
  },
  SWITCHOVER_FAILED: {
    meaning: '切换没有完成。',
    remedy: '信息中说明由谁服务及原因；coordinator status 显示当前状态。',
  },
  VERIFY_FAILED: { meaning: '有一项检查未通过。', remedy: '该检查会说明期望什么、实际是什么。' },
  CONFIG_INVALID: { meaning: 'hotpair.yaml 无效。', remedy: '修改信息中按行列指出的位置。' },
  NOT_FOUND: { meaning: '所指的对象不存在。', remedy: '使用信息中列出的名字。' },
  REFUSED: { meaning: '为安全起见，命令被拒绝。', remedy: '信息中说明原因，以及怎样才安全。' },
  UNAUTHENTICATED: {
    meaning: '请求没有令牌，或令牌无效。',
    remedy:
      '在 coordinator 上用 coordinator token create 名字 --role 角色 创建一个，放入 Authorization: Bearer。',
  },
  FORBIDDEN: { meaning: '这个令牌无权做这件事。', remedy: '使用信息中所指角色的令牌。' },
  TOO_MANY_REQUESTS: {
    meaning: '一分钟内的请求太多。',
    remedy: '按 retry-after 头所说的时间等待。',
  },
  STORE_UNAVAILABLE: {
    meaning: '现在无法读写 coordinator 的存储。',
    remedy: '信息中有原因。损坏的存储会自动移开；然后重试。',
  },
  DELIVERY_FAILED: {
    meaning: '报告或告警无法送达。',
    remedy: '检查信息中的地址和服务器。报告保存在报告目录中，告警会在一天之内重试。',
  },
};
