import { LogLevel, type Logger } from '@slack/bolt';
import { bounded } from '../../core/units/text-bounds.ts';

export type SlackLogger = Logger;

/** Where log lines go: constant message, variable fields. */
export interface Log {
  readonly debug: (fields: object, message: string) => void;
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

/**
 * Our log with the interface of the Slack SDK. Its debug lines contain whole payloads and are dropped; its errors are
 * warnings here, because each of them also reaches us as a Failure that is handled and, where needed, logged as an
 * error.
 */
export function slackLogger(log: Log): SlackLogger {
  const detail = (parts: readonly unknown[]) => ({ detail: bounded(parts.map(String).join(' '), 'serverWords') });
  return {
    debug: () => undefined,
    info: (...parts: unknown[]) => log.debug(detail(parts), 'slack sdk'),
    warn: (...parts: unknown[]) => log.warn(detail(parts), 'slack sdk'),
    error: (...parts: unknown[]) => log.warn(detail(parts), 'slack sdk'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
