/** A JSON schema of the protocol as the text of a TypeScript type, for people. Pure. */

/** The part of JSON Schema that the protocol uses. */
export interface ProtocolSchema {
  /** TypeBox's own name of the type. */
  readonly '~kind'?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly ProtocolSchema[];
  /** Of a tuple one for each place. */
  readonly items?: ProtocolSchema | readonly ProtocolSchema[];
  readonly properties?: Readonly<Record<string, ProtocolSchema>>;
  readonly patternProperties?: Readonly<Record<string, ProtocolSchema>>;
  readonly required?: readonly string[] | undefined;
}

const SCALARS: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

export function typeText(schema: ProtocolSchema, indent = ''): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map((member) => typeText(member, indent)).join(' | ');
  if (schema.type === 'array') return arrayText(schema.items ?? {}, indent);
  if (schema.type === 'object') return objectText(schema, indent);
  return SCALARS[schema.type ?? ''] ?? 'unknown';
}

function arrayText(items: ProtocolSchema | readonly ProtocolSchema[], indent: string): string {
  if (isTuple(items)) return `[${items.map((item) => typeText(item, indent)).join(', ')}]`;
  return `${bracketed(typeText(items, indent))}[]`;
}

function isTuple(items: ProtocolSchema | readonly ProtocolSchema[]): items is readonly ProtocolSchema[] {
  return Array.isArray(items);
}

function bracketed(text: string): string {
  return text.includes(' | ') && !text.startsWith('{') ? `(${text})` : text;
}

function objectText(schema: ProtocolSchema, indent: string): string {
  const { properties = {}, patternProperties = {}, required = [] } = schema;
  const inner = `${indent}  `;
  const lines = [
    ...Object.entries(properties).map(
      ([key, value]) => `${key}${required.includes(key) ? '' : '?'}: ${typeText(value, inner)};`,
    ),
    ...Object.values(patternProperties).map((value) => `[name]: ${typeText(value, inner)};`),
  ];
  if (lines.length === 0) return '{}';
  return `{\n${lines.map((line) => `${inner}${line}\n`).join('')}${indent}}`;
}
