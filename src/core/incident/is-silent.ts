import type { Incident } from './incident.ts';

/** Whether somebody asked for quiet about it. `now` is ms UTC. */
export function isSilent({ silence }: Incident, now: number): boolean {
  return silence !== null && now < silence.until;
}
