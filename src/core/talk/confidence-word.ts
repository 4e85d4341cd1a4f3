import { sure } from '../recommend/sure-of.ts';

/** How sure somebody may be, as a word for whoever has to decide at night: the numbers are in `/oom why`. `share` is 0 to 1. */
export function confidenceWord(share: number): 'high' | 'medium' | 'low' {
  if (share >= sure) return 'high';
  return share >= 0.5 ? 'medium' : 'low';
}
