import { isObject } from '../json.ts';

/** What is wrong with a value, in Slack's words, each with the JSON pointer of the place; empty = nothing. */
export type Rule = (value: unknown, path: string) => readonly string[];

export function problem(message: string, path: string): string {
  return `${message} [json-pointer:${path}]`;
}

/** A string of `min` to `max` characters. */
export function text(max: number, min = 1): Rule {
  return (value, path) => {
    if (typeof value !== 'string') return [problem('must provide a string', path)];
    if (value.length > max) return [problem(`must be less than ${max + 1} characters`, path)];
    return value.length < min ? [problem(`must be more than ${min - 1} characters`, path)] : [];
  };
}

export function oneOf(...allowed: readonly string[]): Rule {
  return (value, path) =>
    typeof value === 'string' && allowed.includes(value)
      ? []
      : [problem(`must be a valid enum value: ${allowed.join(', ')}`, path)];
}

export const flag: Rule = (value, path) =>
  typeof value === 'boolean' ? [] : [problem('must provide a boolean', path)];

export function url(max: number): Rule {
  return (value, path) => {
    const problems = text(max)(value, path);
    if (problems.length > 0) return problems;
    return URL.canParse(String(value)) ? [] : [problem('must be a valid url', path)];
  };
}

export function list(of: Rule, max: number, min = 1): Rule {
  return (value, path) => {
    if (!Array.isArray(value)) return [problem('must provide an array', path)];
    const items: readonly unknown[] = value;
    if (items.length > max) return [problem(`no more than ${max} items allowed`, path)];
    if (items.length < min) return [problem(`no less than ${min} items allowed`, path)];
    return items.flatMap((item, index) => of(item, `${path}/${index}`));
  };
}

export interface Shape {
  readonly required?: Readonly<Record<string, Rule>>;
  readonly optional?: Readonly<Record<string, Rule>>;
}

/** An object with these properties and no others; `type` is always allowed. */
export function shape({ required = {}, optional = {} }: Shape): Rule {
  const rules: Readonly<Record<string, Rule>> = { ...required, ...optional };
  return (value, path) => {
    if (!isObject(value)) return [problem('must provide an object', path)];
    const missing = Object.keys(required).filter((key) => value[key] === undefined);
    const unknown = Object.keys(value).filter((key) => key !== 'type' && rules[key] === undefined);
    return [
      ...missing.map((key) => problem(`missing required field: ${key}`, path)),
      ...unknown.map((key) => problem(`invalid additional property: ${key}`, path)),
      ...Object.entries(value).flatMap(([key, item]) =>
        item === undefined ? [] : (rules[key]?.(item, `${path}/${key}`) ?? []),
      ),
    ];
  };
}

/** One of several objects, told by `type`. */
export function byType(kinds: Readonly<Record<string, Rule>>): Rule {
  return (value, path) => {
    if (!isObject(value)) return [problem('must provide an object', path)];
    const { type } = value;
    if (typeof type !== 'string') return [problem('missing required field: type', path)];
    const rule = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
    return rule === undefined ? [problem(`unsupported type: ${type}`, `${path}/type`)] : rule(value, path);
  };
}

/** Slack names the union before the member that failed. */
export function asUnion(rule: Rule): Rule {
  return (value, path) => {
    const problems = rule(value, path);
    return problems.length === 0 ? [] : [problem('failed to match all allowed schemas', path), ...problems];
  };
}

/** Both must hold. */
export function both(first: Rule, second: Rule): Rule {
  return (value, path) => {
    const problems = first(value, path);
    return problems.length > 0 ? problems : second(value, path);
  };
}
