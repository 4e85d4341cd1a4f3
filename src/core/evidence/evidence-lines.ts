import type { Kill } from '../kill/kill.ts';
import type { EvidenceLine, Findings } from './evidence.ts';

export function evidenceLines(_findings: Findings, _kill: Kill, _recent: readonly Kill[]): EvidenceLine[] {
  return [];
}

export function lastSample(_findings: Findings, _kill: Kill): { bytes: number; beforeKillMs: number } | null {
  return null;
}
