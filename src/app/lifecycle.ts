import type { Logger } from '../adapters/telemetry/log.ts';

/** Something that was started and has to be stopped. */
export interface Part {
  readonly name: string;
  readonly stop: () => Promise<void>;
}

/** What a process can do with its own lifecycle. */
export interface Lifecycle {
  /** Ends the process with exit code 1, in order. */
  readonly fatal: (error: unknown) => void;
  /** A part that is added while the process is stopping is stopped at once. */
  readonly add: (part: Part) => void;
  /** Aborted when the process is to stop: a start that still waits for something gives up. */
  readonly stopping: AbortSignal;
}

/** Parts that are still stopping after this long are left behind. */
const graceMs = 10_000;
/** What keeps the process alive after all parts have stopped is left over from a start that was cut short. */
const lingerMs = 1_000;

/**
 * Runs until SIGTERM, SIGINT or a fatal error, then stops the parts in the opposite order of their start. A second
 * signal ends the process at once. Answers the exit code: 0 after a signal, 1 after a fatal error.
 */
export async function runUntilSignal(start: (lifecycle: Lifecycle) => Promise<void>, log: Logger): Promise<number> {
  const parts: Part[] = [];
  const stopping = new AbortController();
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
  const stop = async (part: Part): Promise<void> => {
    try {
      await part.stop();
    } catch (error) {
      log.error({ error, part: part.name }, 'stop failed');
    }
  };
  const add = (part: Part): void => {
    if (stopping.signal.aborted) void stop(part);
    else parts.push(part);
  };

  start({ fatal, add, stopping: stopping.signal }).catch((error: unknown) => {
    if (stopping.signal.aborted) log.info({ error }, 'start cut short');
    else fatal(error);
  });
  const reason = await over.promise;
  log.info({ reason }, 'stopping');
  stopping.abort();
  const deadline = setTimeout(() => {
    log.error('did not stop in time');
    process.exit(1);
  }, graceMs);
  for (const part of parts.toReversed()) await stop(part);
  clearTimeout(deadline);
  log.info('stopped');
  const code = failed ? 1 : 0;
  setTimeout(() => process.exit(code), lingerMs).unref();
  return code;
}
