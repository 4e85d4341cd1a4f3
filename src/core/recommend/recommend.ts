import type { Diagnosis } from '../diagnose/diagnosis.ts';
import type { Findings } from '../evidence/evidence.ts';
import type { Kill } from '../kill/kill.ts';
import type { Recommendation } from './recommendation.ts';

export function recommend(
  _diagnosis: Diagnosis,
  _findings: Findings,
  _kill: Kill,
  _recent: readonly Kill[],
): Recommendation {
  return { fix: { kind: 'none', why: 'The cause is not known.' }, mitigation: null };
}
