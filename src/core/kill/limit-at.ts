import type { Trigger } from './trigger.ts';

/** The limit at a kill, bytes: the one that was in force, where that is known, else the one of the spec; null = none. */
export function limitAt({
  limitInForceBytes,
  limitBytes,
}: Pick<Trigger, 'limitInForceBytes' | 'limitBytes'>): number | null {
  return limitInForceBytes ?? limitBytes;
}
