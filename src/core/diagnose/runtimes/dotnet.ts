import type { SpecFacts } from '../../evidence/evidence.ts';
import { mebi } from '../../units/quantity.ts';
import type { Setting } from './setting.ts';

/** What .NET's variables say about its heap; null = not set, or ignored by the runtime. Bytes, and percent of the limit. */
export interface DotnetFlags {
  readonly maxBytes: Setting | null;
  readonly maxPercent: Setting | null;
}

/** In a container without a setting: three quarters of the limit, at least 20 MiB (gc.cpp, compute_hard_limit). */
const defaultShare = 0.75;
const leastHeapBytes = 20 * mebi;

export const dotnetPercent = 'DOTNET_GCHeapHardLimitPercent';

/**
 * Reads the variables of the collector. Their numbers are hexadecimal with or without `0x`: `75` is 117 %, which is out of
 * range and ignored, and `60` is 96 %. Pure.
 */
export function dotnetFlags({ env }: Pick<SpecFacts, 'env'>): DotnetFlags {
  const maxBytes = settingOf(env, ['DOTNET_GCHeapHardLimit', 'COMPlus_GCHeapHardLimit']);
  const percent = settingOf(env, [dotnetPercent, 'COMPlus_GCHeapHardLimitPercent']);
  return { maxBytes, maxPercent: percent !== null && percent.value < 100 ? percent : null };
}

/** The largest heap, bytes, under a limit. The size wins over the percentage. */
export function dotnetHeapUnder({ maxBytes, maxPercent }: DotnetFlags, limitBytes: number): number {
  if (maxBytes) return maxBytes.value;
  if (maxPercent) return (limitBytes * maxPercent.value) / 100;
  return Math.max(leastHeapBytes, limitBytes * defaultShare);
}

/** As it is to be written: `0x4B`. */
export function hexOf(value: number): string {
  return `0x${Math.floor(value).toString(16).toUpperCase()}`;
}

function settingOf(env: Readonly<Record<string, string>>, names: readonly string[]): Setting | null {
  for (const name of names) {
    const text = env[name]?.trim();
    const [, digits] = /^(?:0x)?([0-9a-f]{1,15})$/i.exec(text ?? '') ?? [];
    if (text === undefined || digits === undefined) continue;
    const value = Number.parseInt(digits, 16);
    if (value > 0) return { value, text: `${name}=${text}`, place: { in: 'env', name, certain: true } };
  }
  return null;
}
