import type { IncidentEvent } from './event.ts';
import type { Remediation } from './incident.ts';

/** What a check found, as the thread says it. */
export function verifiedText(
  { at, outcome, seen, promise }: Extract<IncidentEvent, { type: 'verified' }>,
  before: Remediation | undefined,
): string {
  const what = before?.effect ?? 'fix';
  switch (outcome) {
    case 'watching':
      return `No result yet: ${seen}`;
    case 'held':
      return before?.state === 'held' ? `The ${what} still holds: ${seen}` : `The ${what} held: ${seen}`;
    case 'held-so-far':
    case 'not-measured':
      return `Held so far: ${seen}`;
    case 'overshot':
      return `The ${what} held with room to spare: ${seen}`;
    case 'bought-time':
      if (promise?.kept === 'as-expected') return `Killed as expected: ${seen}`;
      if (promise?.kept === 'did-not-come') return `Bought more time than expected: ${seen}`;
      return promise?.remindedAt === at ? `Reminder: ${seen}` : `Bought time: ${seen}`;
    case 'failed':
      return what === 'mitigation' ? `It bought less time than expected: ${seen}` : `The fix did not hold: ${seen}`;
    case 'vanished':
      return `The change is gone: ${seen}`;
    case 'inconclusive':
      return `Could not tell whether the ${what} held: ${seen}`;
  }
}
