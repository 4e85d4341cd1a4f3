import { pino } from 'pino';
import type { Logger } from 'pino';

export type { Logger };

export interface LogOptions {
  readonly level: string;
  /** Values that are replaced wherever they would be written, whatever field or message they stand in. */
  readonly secrets: readonly string[];
  /** Fields of every line: process, cluster. */
  readonly base: Readonly<Record<string, unknown>>;
  /** Where lines go; standard output when absent. */
  readonly destination?: { readonly write: (line: string) => void };
}

/** Structured log, one JSON object a line. Constant message, variable fields; errors under `error`. */
export function createLog({ level, secrets, base, destination }: LogOptions): Logger {
  const hidden = formsOf(secrets);
  return pino(
    {
      level,
      base,
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.errWithCause },
      hooks: { streamWrite: (line) => hidden.reduce((text, secret) => text.replaceAll(secret, '[secret]'), line) },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

/** A part of a URL that is shorter than this would be found in words that give nothing away. */
const shortestPart = 4;

/**
 * The forms in which a secret can stand in a line of JSON: itself, URL-encoded, and of a URL its user's password too,
 * which clients report by itself. The longest first, so that none leaves the end of another behind.
 */
function formsOf(secrets: readonly string[]): readonly string[] {
  const plain = secrets.flatMap((secret) => [secret, ...passwordsOf(secret)]).filter((secret) => secret.length > 0);
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  // Twice for JSON that stands as text in a field: the body of a request.
  const all = plain
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .flatMap((form) => [inJson(form), inJson(inJson(form))]);
  return [...new Set(all)].toSorted((a, b) => b.length - a.length);
}

function passwordsOf(secret: string): readonly string[] {
  const { password } = URL.parse(secret) ?? { password: '' };
  const decoded = decoding(password);
  return [password, decoded].filter((part) => part.length >= shortestPart);
}

function decoding(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
