import type { Incident } from '../incident/incident.ts';
import { roughDuration } from '../units/duration.ts';
import type { Impact, Notified } from './impact.ts';
import { impactWords } from './impact-words.ts';

/**
 * `{0}: checkout (prod/shop) is critical: 0 of 2 pods ready, no endpoint left for Service checkout. Nobody has
 * acknowledged it yet.` `{0}`, `{1}`, … stand for the people; what comes from the cluster has no braces.
 */
export function notificationWords(
  { subject, openedAt }: Pick<Incident, 'subject' | 'openedAt'>,
  impact: Impact,
  { people, at, level }: Notified,
): string {
  const place = [subject.cluster, subject.namespace].filter((part) => part !== null).join('/');
  const known = impactWords(impact);
  const why = known.length === 0 ? '' : `: ${known.join(', ')}`;
  const waiting = level === 1 ? 'yet' : `for ${roughDuration(at - openedAt)}`;
  const what = `${subject.workload.name} (${place}) is ${impact.severity}${why}.`.replaceAll(/[{}]/g, '');
  const unknown = impact.owner !== null && impact.owner.id === null ? impact.owner.name : null;
  const owner = unknown === null ? '' : ` Owner: ${unknown.replaceAll(/[{}]/g, '')}.`;
  return `${people.map((_, index) => `{${index}}`).join(' ')}: ${what} Nobody has acknowledged it ${waiting}.${owner}`;
}
