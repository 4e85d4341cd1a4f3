import { pino } from 'pino';
import type { Logger } from 'pino';
import { redactUrls } from '../../core/redact/redact-urls.ts';
import { secretParts } from '../../core/redact/secret-parts.ts';

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
      // A URL with a login is a secret wherever it comes from.
      hooks: {
        streamWrite: (line) => redactUrls(hidden.reduce((text, secret) => text.replaceAll(secret, '[secret]'), line)),
      },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

/**
 * The forms in which a secret can stand in a line of JSON: itself, URL-encoded, and its parts, which clients report by
 * themselves. The longest first, so that none leaves the end of another behind.
 */
function formsOf(secrets: readonly string[]): readonly string[] {
  const plain = secrets.flatMap((secret) => [secret, ...secretParts(secret)]).filter((secret) => secret.length > 0);
  const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
  // Twice for JSON that stands as text in a field: the body of a request.
  const all = plain
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .flatMap((form) => [inJson(form), inJson(inJson(form))]);
  return [...new Set(all)].toSorted((a, b) => b.length - a.length);
}
