import type { Loaded } from '../core/incident/incident.ts';
import { laterChecks } from '../core/incident/later-checks.ts';
import { killsAgainst, killsInTheMoment } from '../core/verify/kills-against.ts';
import { verify } from '../core/verify/verify.ts';
import { applyEvents } from './apply-events.ts';
import { ifStill } from './steps/if-still.ts';
import type { WorkerNeeds } from './worker-needs.ts';

/**
 * A kill opens a new incident once the one before it is closed. Where it counts against a change of that one, whose last
 * checks are still to come, the old thread says so too: what was called held a day ago did not hold. Never throws.
 */
export async function tellFormer(loaded: Loaded, needs: WorkerNeeds): Promise<void> {
  const { id, previous, explained } = loaded.incident;
  if (previous === null) return;
  try {
    const former = await needs.store.load(previous);
    const now = await needs.now();
    for (const remediation of former === null ? [] : laterChecks(former.incident)) {
      const against = killsAgainst(loaded, remediation);
      if (against.length === 0) continue;
      const verified = verify({
        remediation,
        observation: { unseen: '' },
        against,
        inTheMoment: killsInTheMoment(loaded, remediation),
        mostBytes: null,
        growsUntil: null,
        expectedRunMs: null,
        cause: explained?.diagnosis.hypotheses[0]?.cause ?? null,
        leastMs: needs.pace.verifyAfterMs,
        mostMs: needs.pace.watchAtMostMs,
        now,
      });
      if (verified === null) continue;
      const seen = `${verified.seen} It is in ${id}.`;
      const { tally } = loaded;
      const event = {
        type: 'verified',
        plan: remediation.plan.id,
        at: now,
        kills: tally.count,
        ...verified,
        seen,
      } as const;
      await applyEvents(previous, needs, ifStill(remediation, [event]));
    }
  } catch (error) {
    needs.log('warn', 'former incident not told of a kill', { incident: id, former: previous, error });
  }
}
