import { playScenario } from './play-scenario.ts';
import type { Scenario } from './scenario.ts';
import type { WorldParts } from './world-parts.ts';

/** Between two stories, virtual ms: a newcomer sees them arrive one after the other. */
const apartMs = 9_000;

/**
 * Lets the scenarios happen one after the other, without their people: whoever looks at the page is the people.
 * Nothing waits for an end; what is played ends with the cluster.
 */
export function playStories(world: Pick<WorldParts, 'cluster' | 'clock'>, scenarios: readonly Scenario[]): void {
  const { cluster, clock } = world;
  if (cluster === null) return;
  scenarios.forEach((scenario, index) => {
    clock.after(index * apartMs, () => {
      const nobody = { look: async () => ({ users: [], channels: [] }), click: refuse, command: refuse };
      void playScenario({ scenario: { ...scenario, people: [] }, cluster, clock, slack: nobody }).catch(
        () => undefined,
      );
    });
  });
}

async function refuse(): Promise<{ readonly ok: boolean }> {
  return { ok: false };
}
