import { z } from 'zod';
import { slackIds } from '../../../../src/adapters/slack/approver-ids.ts';
import { policyFileSchema } from '../../../../src/core/approve/policy.ts';

/** A key of the policy file: where it stands, what it may be, and what it is where it is left out. */
export interface PolicyKey {
  /** `approvals[].who` */
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
}

const nodeSchema = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.union([z.string(), z.number(), z.boolean()]).optional(),
  default: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).default([]),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
});
type Node = z.infer<typeof nodeSchema>;

/** Every key that the schema of the policy file has, in its order. */
export function policyKeys(): readonly PolicyKey[] {
  const schema = z.toJSONSchema(policyFileSchema(slackIds), { io: 'input', unrepresentable: 'any', reused: 'inline' });
  return keysIn(nodeSchema.parse(schema), '');
}

function keysIn(node: Node, path: string): readonly PolicyKey[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, value]) => {
    const child = nodeSchema.parse(value);
    const key = path === '' ? name : `${path}.${name}`;
    return [{ key, type: typeOf(child), fallback: fallbackOf(child, node, name) }, ...within(child, key)];
  });
}

/** Longer ones make a table that nobody can read; docs/policy.md shows them. */
const longest = 60;

function fallbackOf(child: Node, { required }: Node, name: string): string {
  if (child.default === undefined) return required.includes(name) ? 'needed' : 'none';
  const text = JSON.stringify(child.default);
  return text.length > longest ? '[see there](policy.md)' : `\`${text}\``;
}

/** The keys of what it holds: of each entry of a list, of each value of a map, of each form that it may have. */
function within(node: Node, key: string): readonly PolicyKey[] {
  const forms = (node.anyOf ?? []).map((one) => nodeSchema.parse(one));
  return [
    ...keysIn(node, key),
    ...forms.flatMap((form) => within(form, key)),
    ...(node.items === undefined ? [] : within(nodeSchema.parse(node.items), `${key}[]`)),
    ...(isMap(node) ? within(nodeSchema.parse(node.additionalProperties), `${key}.*`) : []),
  ];
}

function isMap({ additionalProperties: values }: Node): boolean {
  return typeof values === 'object' && values !== null;
}

function typeOf(node: Node): string {
  if (node.anyOf) return [...new Set(node.anyOf.map((one) => typeOf(nodeSchema.parse(one))))].join(' or ');
  if (node.enum) return node.enum.map((one) => `\`${String(one)}\``).join(', ');
  if (node.const !== undefined) return `\`${String(node.const)}\``;
  if (node.type === 'array')
    return listOf(node.items === undefined ? 'anything' : typeOf(nodeSchema.parse(node.items)));
  if (isMap(node)) return `map to ${typeOf(nodeSchema.parse(node.additionalProperties))}`;
  const { type = 'string', minimum, maximum } = node;
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...node, type: one })).join(' or ');
  if (type === 'integer' || type === 'number') {
    const isBounded = minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
    return isBounded ? `number from ${minimum} to ${maximum}` : 'number';
  }
  return words[type] ?? type;
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: '`true` or `false`',
  object: 'section',
  null: '`null`',
};

function listOf(one: string): string {
  if (one === 'section') return 'list of sections';
  return `list of ${one}`;
}
