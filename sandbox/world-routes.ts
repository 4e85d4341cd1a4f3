import { checkRecording } from './check-recording.ts';
import { checkScenarios, unreadableRow } from './check-scenarios.ts';
import type { Route } from './http-router.ts';
import { isObject } from './kubernetes/json-value.ts';
import { playStories } from './play-stories.ts';
import { readFolder, ScenarioError, type Folder } from './scenario-files.ts';
import { arrange, policyFile } from './scenario-policy.ts';
import { speedOf } from './scenario-length.ts';
import { handsOn } from './slack-hands.ts';
import type { WorldParts } from './world-parts.ts';

/** The part of the control API that makes things happen: scenarios, or a recording. */
export function worldRoutes(
  world: Pick<WorldParts, 'clock' | 'slack' | 'api' | 'cluster' | 'recording' | 'prometheus' | 'repository'>,
): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/scenarios/check',
      handle: async ({ body }) =>
        withFolder(body, async ({ scenarios, unreadable }) => ({
          scenarios: [
            ...(await checkScenarios(world, handsOn(world.slack), scenarios)),
            ...unreadable.map(unreadableRow),
          ],
        })),
    },
    {
      method: 'POST',
      path: '/scenarios/play',
      handle: async ({ body }) =>
        withFolder(body, async ({ scenarios, unreadable }) => {
          if (unreadable.length > 0) throw new ScenarioError(unreadable.flatMap(({ problems }) => problems).join('\n'));
          playStories(world, scenarios);
          return { ok: true };
        }),
    },
    {
      method: 'POST',
      path: '/scenarios/policy',
      handle: async ({ body }) => {
        const check = isObject(body) && body['check'] === true;
        return withFolder(body, async ({ scenarios }) => ({
          policy: policyFile(
            arrange(scenarios),
            { people: world.slack.workspace.people, groups: world.slack.workspace.groups },
            // A check shortens long stories, the demo plays all at one speed.
            (scenario) => (check ? speedOf(scenario, world.clock.speed) : world.clock.speed),
          ),
        }));
      },
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
    {
      method: 'POST',
      path: '/recording/check',
      handle: async ({ body }) => {
        const { directory } = isObject(body) ? body : {};
        if (typeof directory !== 'string') return { status: 400, json: { ok: false, error: 'no_directory' } };
        return { json: await checkRecording(world, directory) };
      },
    },
  ];
}

async function withFolder(body: unknown, work: (folder: Folder) => Promise<object>) {
  const { directory, seed } = isObject(body) ? body : {};
  if (typeof directory !== 'string') return { status: 400, json: { ok: false, error: 'no_directory' } };
  try {
    return { json: await work(await readFolder(directory, typeof seed === 'number' ? seed : undefined)) };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return { status: 422, json: { ok: false, error: error.message } };
  }
}
