import { z } from 'zod';

export type ProcessName = 'watcher' | 'worker' | 'bot';

/** In this order wherever they are listed: what everybody needs, what may be turned on, what rarely has to change. */
export const groups = ['first', 'option', 'limit'] as const;
export type Group = (typeof groups)[number];

/** Above the variables of each group. */
export const groupTitles: Readonly<Record<Group, string>> = {
  first: 'What everybody needs',
  option: 'Options',
  limit: 'Limits and times; the defaults are right for most',
};

/** What a person has to know about a variable. */
export interface About {
  /** One line, as it stands in `.env.example`. */
  readonly meaning: string;
  /** A right value, shown when the given one is wrong. */
  readonly example: string;
  /** Text of the default; undefined = no default. */
  readonly fallback?: string;
  /** Processes that make something of it: only their help has it. */
  readonly readBy: readonly ProcessName[];
  readonly group: Group;
  /** Processes that cannot start without it. */
  readonly required?: readonly ProcessName[];
  /** Another variable that can stand in its place. */
  readonly unless?: string;
  /** Never printed; redacted everywhere. */
  readonly secret?: boolean;
}

/** What each schema says about its variable. */
const abouts = z.registry<About>();

/** A variable without a default. */
export function needed<S extends z.ZodType>(schema: S, about: About) {
  const optional = schema.optional();
  abouts.add(optional, about);
  return optional;
}

/** A variable with one. */
export function defaulted<S extends z.ZodType<unknown, string>>(
  schema: S,
  about: About & { readonly fallback: z.input<S> },
) {
  const prefaulted = schema.prefault(about.fallback);
  abouts.add(prefaulted, about);
  return prefaulted;
}

/** What is said of the variable that this is the schema of. */
export function aboutOf(schema: z.ZodType): About | undefined {
  return abouts.get(schema);
}
