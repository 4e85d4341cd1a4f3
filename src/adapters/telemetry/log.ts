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
  const hidden = secrets
    .filter((secret) => secret.length > 0)
    .flatMap((secret) => [secret, encodeURIComponent(secret)]);
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
