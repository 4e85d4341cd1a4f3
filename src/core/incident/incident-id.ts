import type { Subject } from '../kill/kill.ts';
import { subjectKey } from '../kill/kill.ts';
import { shortHash } from '../units/short-hash.ts';

/**
 * `INC-7F3K`: `length` characters of sha256(subject, first fingerprint). Deterministic, so that two workers who open
 * the same incident agree; on a collision ask for one character more, the shorter id is its prefix.
 */
export function incidentId(subject: Subject, firstFingerprint: string, length = 4): string {
  return `INC-${shortHash(`${subjectKey(subject)}\n${firstFingerprint}`, length)}`;
}
