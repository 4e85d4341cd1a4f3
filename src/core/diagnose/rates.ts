import { mebi } from '../units/quantity.ts';

/** Largest first; the first one that gives at least 0.1 Mi is the one that people would use. */
const PER = [
  { word: 's', seconds: 1, least: 1 },
  { word: 'min', seconds: 60, least: 0.1 },
  { word: 'h', seconds: 3600, least: 0.1 },
  { word: 'd', seconds: 86_400, least: 0 },
] as const;

/** `4.1 Mi/min`. */
export function rateWords(bytesPerSecond: number): string {
  const amounts = PER.map(({ word, seconds, least }) => ({ word, least, amount: (bytesPerSecond * seconds) / mebi }));
  const chosen = amounts.find(({ amount, least }) => amount >= least) ?? amounts.at(-1);
  const amount = chosen?.amount ?? 0;
  return `${amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount)} Mi/${chosen?.word ?? 'd'}`;
}
