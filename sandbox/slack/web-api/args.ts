import { Refusal } from '../refusal.ts';

/** The arguments of one call, whether they came as a form or as JSON. */
export interface Args {
  readonly names: () => readonly string[];
  readonly text: (name: string) => string | undefined;
  /** Throws `invalid_arguments` when it is missing or empty. */
  readonly need: (name: string) => string;
  readonly flag: (name: string) => boolean;
  readonly count: (name: string, fallback: number) => number;
  /** A JSON value, also when it stands in a string; throws `invalidCode` when that is no JSON. */
  readonly json: (name: string, invalidCode: string) => unknown;
}

export function readArgs(raw: Readonly<Record<string, unknown>>): Args {
  function text(name: string): string | undefined {
    const value = raw[name];
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  }
  return {
    names: () => Object.keys(raw),
    text,
    need: (name) => {
      const value = text(name);
      if (value === undefined || value === '') {
        throw Refusal.because('invalid_arguments', [`missing required field: ${name}`]);
      }
      return value;
    },
    flag: (name) => ['true', '1'].includes(text(name) ?? ''),
    count: (name, fallback) => {
      const value = text(name);
      if (value === undefined) return fallback;
      if (!/^\d+$/.test(value)) throw Refusal.because('invalid_arguments', [`must provide a number: ${name}`]);
      return Number(value);
    },
    json: (name, invalidCode) => {
      const value = raw[name];
      if (typeof value !== 'string') return value ?? undefined;
      try {
        const parsed: unknown = JSON.parse(value);
        return parsed;
      } catch {
        throw new Refusal(invalidCode);
      }
    },
  };
}
