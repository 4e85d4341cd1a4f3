import { mebi } from '../../units/quantity.ts';

/** Up to this many Mi people write multiples of so many Mi: at most 6 % from one to the next above 64Mi. */
const STEPS = [
  { upTo: 128, step: 4 },
  { upTo: 256, step: 8 },
  { upTo: 512, step: 16 },
  { upTo: 1024, step: 32 },
  { upTo: 2048, step: 64 },
  { upTo: 4096, step: 128 },
  { upTo: 8192, step: 256 },
  { upTo: Infinity, step: 512 },
] as const;

/** The next size, bytes, that a person would write for a limit: never below `bytes`. */
export function roundUp(bytes: number): number {
  const size = bytes / mebi;
  const step = STEPS.find(({ upTo }) => size <= upTo)?.step ?? 512;
  return Math.max(1, Math.ceil(size / step)) * step * mebi;
}
