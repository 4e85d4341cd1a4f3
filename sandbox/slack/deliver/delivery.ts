import type { SandboxClock } from '../../clock.ts';
import type { Faults } from '../faults.ts';
import type { JsonObject } from '../json.ts';

export type DeliveryType = 'slash_commands' | 'interactive' | 'events_api';

export type Acknowledgement =
  | { readonly outcome: 'acknowledged'; readonly ms: number; readonly payload: JsonObject }
  | { readonly outcome: 'operation_timeout'; readonly ms: number }
  /** The app answered over HTTP, but not with 2xx. */
  | { readonly outcome: 'http_service_error'; readonly ms: number; readonly status: number }
  /** No connection was open, or none could be made. */
  | { readonly outcome: 'dispatch_failed' };

/** How what people do reaches the app. Resolves with the first delivery's fate; later ones go on behind it. */
export type Deliver = (type: DeliveryType, payload: JsonObject) => Promise<Acknowledgement>;

/** Where an app is told of things: over its own connections, or at a URL of its own. */
export type DeliveryMode = { readonly mode: 'socket' } | { readonly mode: 'http'; readonly url: string };

/** An app that never acknowledges holds back what waits for its turn no longer than this. Real ms. */
const longestHold = 1_000;

/**
 * Sends by the mode that is set when something happens. A `reordered-delivery` waits until the next one was answered, at
 * most `holdMs`, and then goes out after it.
 */
export function createDelivery(
  transports: { readonly socket: Deliver; readonly http: (url: string) => Deliver },
  mode: () => DeliveryMode,
  faults: Faults,
  clock: SandboxClock,
): Deliver {
  const held = new Set<() => void>();

  async function nextAnswered(holdMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = clock.after(holdMs * clock.speed, letGo);
      function letGo(): void {
        cancel();
        held.delete(letGo);
        resolve();
      }
      held.add(letGo);
    });
  }

  return async (type, payload) => {
    const fault = faults.take(['reordered-delivery'], { method: type });
    if (fault !== undefined) await nextAnswered(fault.holdMs ?? longestHold);
    const chosen = mode();
    const send = chosen.mode === 'socket' ? transports.socket : transports.http(chosen.url);
    const fate = await send(type, payload);
    if (fault === undefined) for (const letGo of held) letGo();
    return fate;
  };
}
