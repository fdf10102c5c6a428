/** https://docs.slack.dev/messaging/formatting-message-text: &, < and > are the characters to escape. Pure. */
export function slackText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
