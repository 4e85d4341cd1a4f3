/** An operation that ends with its owner, or after too long a silence. */
export interface Silence {
  /** Aborted in both cases. */
  readonly signal: AbortSignal;
  /** Whether silence was the reason. */
  readonly isBroken: () => boolean;
  /** Stops the clock while we are not waiting for the other side. */
  readonly hold: () => void;
  /** Restarts the clock. */
  readonly listen: () => void;
  /** Frees timer and listener; call it always. */
  readonly release: () => void;
}

/**
 * NOTE: not AbortSignal.any: a signal derived from one that lasts as long as the process is kept as long, and a watch
 * is opened every 25 s.
 */
export function createSilence(owner: AbortSignal, silentMs: number): Silence {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  let isBroken = false;
  let timer: NodeJS.Timeout | undefined;
  const hold = (): void => clearTimeout(timer);
  const listen = (): void => {
    hold();
    timer = setTimeout(() => {
      isBroken = true;
      stop();
    }, silentMs);
  };
  owner.addEventListener('abort', stop, { once: true });
  if (owner.aborted) stop();
  listen();
  return {
    signal: controller.signal,
    isBroken: () => isBroken,
    hold,
    listen,
    release: () => {
      hold();
      owner.removeEventListener('abort', stop);
    },
  };
}
