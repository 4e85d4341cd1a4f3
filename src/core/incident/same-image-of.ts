import type { ImageTwin, SameImage } from '../evidence/before/same-image.ts';
import { isTest } from '../test-kill/test-words.ts';
import { imageRepository } from '../kill/image-repository.ts';
import { subjectKey } from '../kill/kill.ts';
import type { Loaded } from './incident.ts';
import { formerOf, seenBeforeOf } from './seen-before-of.ts';

/** How many other workloads are told of: a line of evidence is read at 3 a.m. */
const mostTold = 3;

/** The image of what was killed; null for a test, and where no kill of the incident says it (a kernel's counter does not). */
export function imageOf({ incident, tally }: Loaded): string | null {
  if (isTest(incident.trigger)) return null;
  return [...tally.recent.toReversed(), incident.trigger].find(({ image }) => image !== null)?.image ?? null;
}

/**
 * What became of kills of other workloads with the same image, from incidents of them; null where there were none. Only
 * workloads of the same namespace are named. `now` is ms UTC.
 */
export function sameImageOf(current: Loaded, others: readonly Loaded[], now: number): SameImage | null {
  const image = imageOf(current);
  const repository = image === null ? null : imageRepository(image);
  if (repository === null) return null;
  const own = subjectKey(current.incident.subject);
  const alike = others.filter((one) => {
    const its = imageOf(one);
    return its !== null && imageRepository(its) === repository && subjectKey(one.incident.subject) !== own;
  });
  const twins = [...Map.groupBy(alike, ({ incident }) => subjectKey(incident.subject)).values()]
    .flatMap((incidents) => twinOf(incidents, current, now) ?? [])
    .toSorted((a, b) => Number(b.raises.length > 0) - Number(a.raises.length > 0) || b.latest.at - a.latest.at);
  return twins.length === 0 ? null : { repository, twins: twins.slice(0, mostTold) };
}

function twinOf(incidents: readonly Loaded[], current: Loaded, now: number): ImageTwin | null {
  const [latest, ...former] = incidents.toSorted((a, b) => b.tally.lastAt - a.tally.lastAt);
  // Of an incident that warned, nothing was killed yet.
  if (latest === undefined || latest.tally.count === 0) return null;
  const { namespace, workload } = latest.incident.subject;
  return {
    workload: namespace === current.incident.subject.namespace ? `${workload.kind} ${workload.name}` : null,
    latest: { ...formerOf(latest, current), sameImage: imageOf(latest) === imageOf(current) },
    raises: seenBeforeOf(latest, former, now)?.raises ?? [],
  };
}
