import { join } from 'node:path';
import { projectRoot } from '../../scripts/project.mjs';
import type { Scenario } from '../../sandbox/scenario/scenario.ts';
import { loadScenarios } from '../../sandbox/scenario/scenario-files.ts';
import {
  behaviourOf,
  manifestOf,
  manifestTextOf,
  sourcePathOf,
  targetOf,
} from '../../sandbox/scenario/scenario-workload.ts';
import type { World } from '../../sandbox/world.ts';
import { clickablesOf } from './people.ts';
import { threadAbout } from './threads.ts';
import type { Thread } from './threads.ts';
import { clusterOf } from './victims.ts';
import { eventually } from '../eventually.ts';

/** A scenario that has begun, without its people: the test is the people. */
export interface Story {
  readonly scenario: Scenario;
  /** Its one thread as it is now. Throws when there is none or more than one. */
  readonly thread: () => Thread;
  /** Waits until the thread shows such a button, and answers with the thread. */
  readonly withButton: (actionId: string) => Promise<Thread>;
}

/** Lets one of the scenarios of `sandbox/scenarios` happen, under another name where two tests need the same. */
export async function beginStory(world: World, scenarioName: string, workloadName?: string): Promise<Story> {
  const scenarios = await loadScenarios(join(projectRoot, 'sandbox/scenarios'));
  const found = scenarios.find(({ name }) => name === scenarioName);
  if (found === undefined) throw new Error(`there is no scenario ${scenarioName}`);
  const scenario = { ...found, workload: { ...found.workload, name: workloadName ?? found.workload.name } };
  const cluster = clusterOf(world);
  const path = sourcePathOf(scenario);
  if (path !== null) world.repository?.plant(path, manifestTextOf(scenario), world.clock);
  cluster.setBehaviour(targetOf(scenario), behaviourOf(scenario));
  cluster.apply([manifestOf(scenario)]);
  const thread = (): Thread => threadAbout(world, scenario.workload.name);
  return {
    scenario,
    thread,
    withButton: (actionId) =>
      eventually(() => {
        const now = thread();
        const there = clickablesOf(now.root).map((each) => each.actionId);
        if (!there.includes(actionId)) throw new Error(`no button "${actionId}" among ${there.join(', ')}`);
        return now;
      }),
  };
}
