import type { SameImage } from '../core/evidence/before/same-image.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import type { Loaded } from '../core/incident/incident.ts';
import { imageOf, sameImageOf } from '../core/incident/same-image-of.ts';
import { imageRepository } from '../core/kill/image-repository.ts';
import { subjectKey } from '../core/kill/kill.ts';
import type { ImageKill } from './needs.ts';
import type { WorkerNeeds } from './worker-needs.ts';

/** How many other workloads are looked at, to tell of the three of which most is known, and how far back in each. */
const mostTwins = 6;
const mostOfOne = 2;
/** Two round trips to Redis, one after the other; reading an incident and its posting takes 2 ms (docs/benchmarks.md). */
const deadlineMs = 1_000;

/**
 * What became of kills of other workloads with the same image; undefined where there were none or the image is not known.
 * Never throws and takes no longer than a second.
 */
export async function findSameImage(loaded: Loaded, needs: WorkerNeeds): Promise<Evidence<SameImage> | undefined> {
  const image = imageOf(loaded);
  const repository = image === null ? null : imageRepository(image);
  if (repository === null) return undefined;
  const source = 'the incidents that are kept';
  const at = await needs.now();
  const done = new AbortController();
  try {
    const others = await Promise.race([
      othersOf(loaded, repository, needs),
      needs.wait(deadlineMs, done.signal).then(() => null),
    ]);
    if (others === null) return { found: false, reason: 'the store took longer than 1 s', source, at };
    const value = sameImageOf(loaded, others, at);
    return value === null ? undefined : { found: true, value, source, at };
  } catch (error) {
    needs.log('warn', 'incidents of the same image not read', { incident: loaded.incident.id, error });
    return { found: false, reason: 'the incidents of the same image could not be read', source, at };
  } finally {
    done.abort();
  }
}

async function othersOf(
  { incident }: Loaded,
  repository: string,
  { store, log }: Pick<WorkerNeeds, 'store' | 'log'>,
): Promise<readonly Loaded[]> {
  const own = subjectKey(incident.subject);
  const known: readonly ImageKill[] = await store.killedImages(repository);
  const bySubject = Map.groupBy(known, ({ subject }) => subject);
  const wanted = [...bySubject]
    .filter(([subject]) => subject !== own)
    .slice(0, mostTwins)
    .flatMap(([, kills]) => kills.slice(0, mostOfOne));
  const found = await Promise.all(
    wanted.map((one) =>
      store.load(one.incident).catch((error: unknown) => {
        log('warn', 'an incident of the same image not read', { incident: one.incident, error });
        return null;
      }),
    ),
  );
  return found.filter((one) => one !== null);
}
