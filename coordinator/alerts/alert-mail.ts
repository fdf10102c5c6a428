/** An alert as an e-mail: text, and the same as HTML that every mail program shows. Pure. */

import type { Mail } from '../delivery/send-mail.ts';
import { escapeHtml } from '../report/html-parts.ts';
import type { AlertMessage } from './message.ts';
import { alertText, type RenderedAlert } from './render-message.ts';

const COLOURS = { critical: '#cf222e', warning: '#9a6700', over: '#1a7f37' } as const;

/** `uuid` names the message, the same at each attempt; messages of one alert are one thread, by its number. */
export function alertMail(
  message: AlertMessage,
  rendered: RenderedAlert,
  ids: { readonly uuid: string; readonly id: number; readonly from: string },
): Mail {
  const domain = ids.from.split('@')[1] ?? 'hotpair';
  return {
    subject: `hotpair ${rendered.title}`,
    text: `${alertText(rendered)}\n`,
    html: htmlOf(message, rendered),
    messageId: `<${ids.uuid}@${domain}>`,
    references: `<alert-${ids.id}-${message.since}@${domain}>`,
  };
}

function htmlOf(
  { kind, severity }: AlertMessage,
  { title, since, parts, command, footer }: RenderedAlert,
): string {
  const colour = kind === 'cleared' || kind === 'test' ? COLOURS.over : COLOURS[severity];
  const paragraph = (text: string): string => `<p style="margin:8px 0">${text}</p>`;
  const body = [
    `<p style="margin:0 0 8px;padding:8px 12px;color:#ffffff;background:${colour}"><b>${escapeHtml(title)}</b></p>`,
    paragraph(`<span style="color:#57606a">${escapeHtml(since)}</span>`),
    ...parts.map((part) => paragraph(`<b>${escapeHtml(part.title)}</b>: ${escapeHtml(part.text)}`)),
    ...(command === null
      ? []
      : [`<pre style="margin:8px 0;padding:8px 12px;background:#f6f8fa">${escapeHtml(command)}</pre>`]),
    ...(footer === null ? [] : [paragraph(`<span style="color:#57606a">${escapeHtml(footer)}</span>`)]),
  ];
  return `<!doctype html>
<html><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body style="margin:0;padding:16px;color:#1f2328;font:14px/1.5 system-ui,'Segoe UI',Arial,sans-serif">
${body.join('\n')}
</body></html>
`;
}
