/** 供人阅读的时长（简体中文）。 */

/** `412 毫秒`, `3.2 秒`, `5 分钟`. */
export function milliseconds(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} 毫秒`;
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} 秒` : duration(ms / 1000);
}

/** `42 秒`, `17 分钟`, `5 小时 12 分钟`, `12 天`. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Math.floor(seconds)} 秒`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes} 分钟`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return days(Math.floor(hours / 24));
  return minutes % 60 === 0 ? `${hours} 小时` : `${hours} 小时 ${minutes % 60} 分钟`;
}

export const days = (count: number): string => `${count} 天`;
