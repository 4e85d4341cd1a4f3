import { seenBeforeOf } from '../core/incident/seen-before-of.ts';
import type { Loaded } from '../core/incident/incident.ts';
import type { Evidence } from '../core/evidence/evidence.ts';
import type { SeenBefore } from '../core/evidence/before/seen-before.ts';
import type { WorkerNeeds } from './worker-needs.ts';

/** How many closed incidents back are read. */
const mostFormer = 4;

/** What was done about earlier kills of the same subject; undefined where there was nothing. Never throws. */
export async function findBefore(loaded: Loaded, needs: WorkerNeeds): Promise<Evidence<SeenBefore> | undefined> {
  const at = await needs.now();
  const source = 'the incidents that are kept';
  try {
    const former: Loaded[] = [];
    let { previous } = loaded.incident;
    while (previous !== null && former.length < mostFormer) {
      const one: Loaded | null = await needs.store.load(previous);
      if (one === null) break;
      former.push(one);
      previous = one.incident.previous;
    }
    const value = seenBeforeOf(loaded, former, at);
    return value === null ? undefined : { found: true, value, source, at };
  } catch (error) {
    needs.log('warn', 'former incidents not read', { incident: loaded.incident.id, error });
    return { found: false, reason: 'the former incidents could not be read', source, at };
  }
}
