import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';

/** @throws Failure('bad-document') */
export function parseJson(what: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Failure('bad-document', `What is stored of ${what} is not JSON`, { cause: error });
  }
}

/** A plain list, which carries no version: it is written anew all the time. @throws Failure('bad-document') */
export function parseList<T>(what: string, schema: z.ZodType<readonly T[]>, json: string): readonly T[] {
  return parseAs(`What is stored of ${what}`, schema, parseJson(what, json));
}

/** A member of a set, which names something else and so carries no version. @throws Failure('bad-document') */
export function parseMember<T>(what: string, schema: z.ZodType<T>, json: string): T {
  return parseAs(`What is stored of ${what}`, schema, parseJson(what, json));
}

/** Checks an answer of our own scripts, which can only be wrong if the server is not the expected one. */
export function parseReply<T>(what: string, schema: z.ZodType<T>, reply: unknown): T {
  return parseAs(`Redis' answer to ${what}`, schema, reply);
}

function parseAs<T>(what: string, schema: z.ZodType<T>, raw: unknown): T {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new Failure('bad-document', `${what} is not as it should be: ${z.prettifyError(parsed.error)}`, {
    cause: parsed.error,
  });
}
