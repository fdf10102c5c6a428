/** Names and numbers of users and groups, from the text of /etc/passwd and /etc/group (passwd(5), group(5)). Pure. */

/** The third field of the line that begins with `name:`; undefined when there is none. */
export function idOf(name: string, text: string): number | undefined {
  for (const line of text.split('\n')) {
    const fields = line.split(':');
    if (fields[0] === name) return Number(fields[2]);
  }
  return undefined;
}

/** The name with this number, or the number itself as text. */
export function nameOf(id: number, text: string): string {
  for (const line of text.split('\n')) {
    const fields = line.split(':');
    if (fields[2] === String(id) && fields[0] !== undefined) return fields[0];
  }
  return String(id);
}
