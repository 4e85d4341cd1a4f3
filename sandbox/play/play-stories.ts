import { demoTimes } from './demo-times.ts';
import { playScenario } from './play-scenario.ts';
import { arrange } from '../scenario/scenario-policy.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { livingClusters, surroundings, type ClusterParts, type WorldParts } from '../world-parts.ts';

/**
 * Lets the scenarios happen one after the other, without their people: whoever looks at the page is the people.
 * Nothing waits for an end; what is played ends with the cluster.
 */
export function playStories(
  world: ClusterParts & Pick<WorldParts, 'clock' | 'slack' | 'second'>,
  scenarios: readonly Scenario[],
): void {
  const { clock, slack } = world;
  for (const { scenario, at } of demoTimes(arrange(scenarios), clock.speed)) {
    clock.after(at * clock.speed, () => {
      const alone = { ...scenario, events: scenario.events.filter((event) => !isPeoples(event.do)) };
      for (const { cluster, ...parts } of livingClusters(world, scenario.workload.clusters)) {
        const around = surroundings({ ...parts, slack }, clock);
        void playScenario({ scenario: alone, cluster, clock, ...around }).catch(() => undefined);
      }
    });
  }
}

/** What the people in front of the page do by themselves. */
function isPeoples(what: Scenario['events'][number]['do']): boolean {
  return what === 'merge' || what === 'close-pr';
}
