import type { Incident, Remediation } from '../../../core/incident/incident.ts';
import type { Kill } from '../../../core/kill/kill.ts';
import type { Standing } from '../../../core/talk/moment.ts';
import { escapeLine } from './escape.ts';

/** What happened, in the words that Kubernetes people use for it. */
export const killWords: Readonly<Record<Kill['kind'], string>> = {
  container: 'OOMKilled',
  start: 'OOMKilled while starting',
  'child-process': 'Child process OOM-killed',
  eviction: 'Evicted for memory',
  node: 'Node out of memory',
  self: 'Out of memory (gave up by itself)',
};

/** `:red_circle: *OOMKilled* checkout · prod/shop`: a colour with its word, and whose incident it is. mrkdwn. */
export function headline(incident: Incident, standing: Standing): string {
  const { emoji, words } = look(incident, standing);
  return `${emoji} *${words}* ${subjectLine(incident)}`;
}

/** `checkout · prod/shop`, escaped. */
function subjectLine({ subject }: Incident): string {
  const place = [subject.cluster, subject.namespace].filter((part) => part !== null).join('/');
  return `${escapeLine(subject.workload.name)} · ${escapeLine(place)}`;
}

function look(
  incident: Incident,
  { moment, remediation }: Standing,
): { readonly emoji: string; readonly words: string } {
  const killed = `${incident.firstKill.suspect ? 'Perhaps ' : ''}${killWords[incident.firstKill.kind]}`;
  switch (moment) {
    case 'approved':
      return { emoji: ':large_blue_circle:', words: 'Approved' };
    case 'applying':
      return { emoji: ':large_blue_circle:', words: 'Applying' };
    case 'applied':
    case 'verifying':
      return { emoji: ':large_blue_circle:', words: 'Applied, being watched' };
    case 'held':
      return { emoji: ':large_green_circle:', words: 'Held' };
    case 'overshot':
      return { emoji: ':large_green_circle:', words: 'Held with room to spare' };
    case 'inconclusive':
      return { emoji: ':large_yellow_circle:', words: 'Cannot tell whether it held' };
    case 'vanished':
      return { emoji: ':red_circle:', words: 'The change is gone' };
    case 'failed':
      return {
        emoji: ':red_circle:',
        words: `The ${purposeOf(remediation)} ${remediation?.applied ? 'did not hold' : 'failed'}`,
      };
    case 'closed':
      return closedLook(remediation);
    case 'announced':
    case 'explained':
    case 'proposed':
    case 'requested':
    case 'rejected':
    case 'expired':
    case 'stale':
      return { emoji: ':red_circle:', words: killed };
  }
}

function closedLook(remediation: Remediation | null): { readonly emoji: string; readonly words: string } {
  return remediation?.state === 'held' || remediation?.state === 'overshot'
    ? { emoji: ':large_green_circle:', words: `Closed, the ${remediation.plan.purpose} held` }
    : { emoji: ':white_circle:', words: 'Closed' };
}

function purposeOf(remediation: Remediation | null): Remediation['plan']['purpose'] {
  return remediation?.plan.purpose ?? 'fix';
}
