import { z } from 'zod';

const hintSchema = z.looseObject({ properties: z.record(z.string(), z.unknown()) });

/**
 * A JSON schema whose objects take the properties that it names and no other, and answer a name that is nearly one of
 * them with that one. A schema has no words of its own for that: a misspelt name is one whose value must be the hint. What
 * it answers comes out the same when it is given its own answer.
 */
export function withHints(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withHints);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withHints(value)]));
  const named = hintSchema.safeParse(inside);
  // `properties` may be the name of a value too; there it holds no schemas of objects.
  if (!named.success || inside['type'] !== 'object') return inside;
  const names = Object.keys(named.data.properties);
  const hints = names.map((name) => [misspellingsOf(name), { const: `Did you mean "${name}"?` }]);
  return { ...inside, additionalProperties: false, patternProperties: Object.fromEntries(hints) };
}

/**
 * A regular expression for what a name is mistyped as: one letter too many, too few, another one, two of them swapped, or
 * its words written otherwise (`bot_token`, `bottoken`). Never the name itself.
 */
export function misspellingsOf(name: string): string {
  const at = (index: number): string => name.charAt(index);
  const letters = Array.from({ length: name.length }, (_, index) => index);
  const oneOff = letters.map(
    (index) => `${name.slice(0, index)}(?:[^${at(index)}]?|.${at(index)})${name.slice(index + 1)}`,
  );
  const swapped = letters
    .filter((index) => index + 1 < name.length && at(index) !== at(index + 1))
    .map((index) => `${name.slice(0, index)}${at(index + 1)}${at(index)}${name.slice(index + 2)}`);
  const written = ['_', '-', ''].map((between) =>
    name.replaceAll(/[A-Z]/g, (letter) => `${between}${letter.toLowerCase()}`),
  );
  const all = [...oneOff, `${name}.`, ...swapped, ...written.filter((other) => other !== name)];
  return `^(?:${[...new Set(all)].join('|')})$`;
}
