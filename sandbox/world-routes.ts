import { checkScenarios } from './check-scenarios.ts';
import type { Route } from './http-router.ts';
import { isObject } from './kubernetes/json-value.ts';
import { playStories } from './play-stories.ts';
import { loadScenarios, ScenarioError } from './scenario-files.ts';
import { handsOn } from './slack-hands.ts';
import type { World } from './world.ts';

/** The part of the control API that makes things happen: scenarios, or a recording. */
export function worldRoutes(world: Pick<World, 'clock' | 'slack' | 'api' | 'cluster' | 'recording'>): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/scenarios/check',
      handle: async ({ body }) =>
        withScenarios(body, async (scenarios) => ({
          scenarios: await checkScenarios(world, handsOn(world.slack), scenarios),
        })),
    },
    {
      method: 'POST',
      path: '/scenarios/play',
      handle: async ({ body }) =>
        withScenarios(body, async (scenarios) => {
          playStories(world, scenarios);
          return { ok: true };
        }),
    },
    {
      method: 'POST',
      path: '/recording/play',
      handle: async () => {
        if (world.recording === null) return { status: 409, json: { ok: false, error: 'no_recording' } };
        await world.recording.play();
        return { json: { ok: true, lines: world.recording.lines } };
      },
    },
  ];
}

async function withScenarios(
  body: unknown,
  work: (scenarios: Awaited<ReturnType<typeof loadScenarios>>) => Promise<object>,
) {
  const { directory, seed } = isObject(body) ? body : {};
  if (typeof directory !== 'string') return { status: 400, json: { ok: false, error: 'no_directory' } };
  try {
    const scenarios = await loadScenarios(directory, typeof seed === 'number' ? seed : undefined);
    return { json: await work(scenarios) };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return { status: 422, json: { ok: false, error: error.message } };
  }
}
