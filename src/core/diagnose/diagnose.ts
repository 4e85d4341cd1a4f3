import type { Findings } from '../evidence/evidence.ts';
import type { Kill } from '../kill/kill.ts';
import type { Diagnosis } from './diagnosis.ts';

export function diagnose(_findings: Findings, _kill: Kill, _recent: readonly Kill[], _now: number): Diagnosis {
  return {
    hypotheses: [{ cause: 'inconclusive', confidence: 0.3, sentence: 'The evidence does not decide.', for: [], against: [] }],
    slopeBytesPerSecond: null,
    nextKillAt: null,
  };
}
