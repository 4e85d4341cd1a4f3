import type { Logger } from '../adapters/telemetry/log.ts';

/** Something that was started and has to be stopped. */
export interface Part {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

/** Parts that are still stopping after this long are left behind. */
const graceMs = 10_000;

/**
 * Runs until SIGTERM, SIGINT or a fatal error, then stops the parts in the opposite order of their start. A second
 * signal ends the process at once. Answers the exit code: 0 after a signal, 1 after a fatal error.
 */
export async function runUntilSignal(
  start: (fatal: (error: unknown) => void, add: (part: Part) => void) => Promise<void>,
  log: Logger,
): Promise<number> {
  const parts: Part[] = [];
  let failed = false;
  const over = Promise.withResolvers<string>();
  const fatal = (error: unknown): void => {
    failed = true;
    log.fatal({ error }, 'fatal');
    over.resolve('fatal error');
  };
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    over.resolve(signal);
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  process.on('unhandledRejection', fatal).on('uncaughtException', fatal);

  start(fatal, (part) => parts.push(part)).catch(fatal);
  const reason = await over.promise;
  log.info({ reason }, 'stopping');
  const deadline = setTimeout(() => {
    log.error('did not stop in time');
    process.exit(1);
  }, graceMs);
  deadline.unref();
  for (const part of parts.toReversed()) {
    try {
      await part.stop();
    } catch (error) {
      log.error({ error, part: part.name }, 'stop failed');
    }
  }
  clearTimeout(deadline);
  log.info('stopped');
  return failed ? 1 : 0;
}
