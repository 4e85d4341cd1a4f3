import { mebi } from '../units/quantity.ts';

/** Up to this many Mi people write multiples of so many Mi. */
const STEPS = [
  { upTo: 128, step: 8 },
  { upTo: 256, step: 16 },
  { upTo: 512, step: 32 },
  { upTo: 1024, step: 64 },
  { upTo: 2048, step: 128 },
  { upTo: 4096, step: 256 },
  { upTo: 8192, step: 512 },
  { upTo: Infinity, step: 1024 },
] as const;

/** The next size, bytes, that a person would write for a limit: never below `bytes`. */
export function roundUp(bytes: number): number {
  const size = bytes / mebi;
  const step = STEPS.find(({ upTo }) => size <= upTo)?.step ?? 1024;
  return Math.max(1, Math.ceil(size / step)) * step * mebi;
}
