import { roughDuration } from '../units/duration.ts';
import { counted } from '../talk/words.ts';
import type { Impact } from './impact.ts';
import type { Severity } from './severity.ts';

/** How many Services are named; the others are counted. */
const mostServices = 3;

/** `0 of 2 pods ready`, `no endpoint left for Service checkout`, `5 restarts in 40 min`: plain text, not trusted. */
export function impactWords({ pods, unserved, restarts, qosClass, priorityClass }: Impact): readonly string[] {
  const parts = [
    pods === null ? null : `${pods.ready} of ${counted(pods.desired, 'pod')} ready`,
    unserved === null || unserved.length === 0 ? null : `no endpoint left for ${servicesOf(unserved)}`,
    restarts === null || restarts.count === 0
      ? null
      : restarts.count === 1
        ? '1 restart in the last hour'
        : `${restarts.count} restarts in ${roughDuration(restarts.overMs)}`,
    // The others are no news.
    qosClass === 'BestEffort' ? 'QoS BestEffort' : null,
    priorityClass === null ? null : `PriorityClass ${priorityClass}`,
  ];
  return parts.filter((part) => part !== null);
}

/** `severity high` */
export function severityWords(severity: Severity): string {
  return `severity ${severity}`;
}

function servicesOf(names: readonly string[]): string {
  const others = names.length - mostServices;
  const named = names.slice(0, mostServices).join(', ');
  return `Service ${named}${others > 0 ? ` and ${others} more` : ''}`;
}
