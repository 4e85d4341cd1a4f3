/** Something under way that ends with its owner, or when nothing was heard of it for too long. */
export interface Silence {
  /** Aborted at either end. */
  readonly signal: AbortSignal;
  /** Whether silence was the reason. */
  readonly isBroken: () => boolean;
  /** Stops the clock: it is not the other side that is waited for. */
  readonly hold: () => void;
  /** Lets the clock run, from the beginning. */
  readonly listen: () => void;
  /** Frees timer and listener; call it always. */
  readonly release: () => void;
}

/**
 * NOTE: not AbortSignal.any: one made of a signal that lives as long as the process is kept as long, and a watch is
 * opened every 25 s.
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
