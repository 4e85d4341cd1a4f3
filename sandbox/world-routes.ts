import { checkRecording } from './play/check-recording.ts';
import { checkScenarios, unreadableRow } from './play/check-scenarios.ts';
import type { Route } from './http-router.ts';
import { isObject } from './kubernetes/objects/json-value.ts';
import { playStories } from './play/play-stories.ts';
import { readFolder, ScenarioError, type Folder } from './scenario/scenario-files.ts';
import { arrange, policyFile, rightsOf } from './scenario/scenario-policy.ts';
import { speedOf } from './scenario/scenario-length.ts';
import type { WorldParts } from './world-parts.ts';

/** In the demo, money has a channel of its own. */
const channelsOfTeams = { payments: ['billing', 'finance'] };

/** The part of the control API that makes things happen: scenarios, or a recording. */
export function worldRoutes(
  world: Omit<WorldParts, 'github'> & { readonly awaitProcess: (opsUrl: string) => void },
): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/clock/await',
      handle: async ({ body }) => {
        const { opsUrl } = isObject(body) ? body : {};
        if (typeof opsUrl !== 'string') return { status: 400, json: { ok: false, error: 'no opsUrl' } };
        world.awaitProcess(opsUrl);
        return { json: { ok: true } };
      },
    },
    {
      method: 'POST',
      path: '/scenarios/check',
      handle: async ({ body }) =>
        withFolder(body, async ({ scenarios, unreadable }) => ({
          scenarios: [...(await checkScenarios(world, scenarios)), ...unreadable.map(unreadableRow)],
        })),
    },
    {
      method: 'POST',
      path: '/scenarios/play',
      handle: async ({ body }) =>
        withFolder(body, async ({ scenarios, unreadable }) => {
          if (unreadable.length > 0) throw new ScenarioError(unreadable.flatMap(({ problems }) => problems).join('\n'));
          const { second } = world;
          const isSecond = isObject(body) && body['cluster'] === 2 && second !== null;
          playStories(isSecond ? { ...world, ...second, second: null } : world, scenarios);
          return { ok: true };
        }),
    },
    {
      method: 'POST',
      path: '/scenarios/policy',
      handle: async ({ body }) => {
        const { check, besides } = isObject(body) ? body : {};
        return withFolder(body, async ({ scenarios }, directory) => {
          // What else runs in this cluster: stories of another seed that run in two.
          const others = typeof besides === 'number' ? (await readFolder(directory, besides)).scenarios : [];
          const { people, groups } = world.slack.workspace;
          const arranged = arrange([...scenarios, ...others.filter(({ workload }) => workload.clusters > 1)]);
          world.slack.setRights(rightsOf(arranged, { people, groups }));
          return {
            clusters: Math.max(...scenarios.map(({ workload }) => workload.clusters), 1),
            policy: policyFile(
              arranged,
              { people, groups },
              // A check shortens long stories, the demo plays all at one speed.
              (scenario) => (check === true ? speedOf(scenario, world.clock.speed) : world.clock.speed),
              // In a check all that is said is looked for in one place.
              check === true ? {} : channelsOfTeams,
            ),
          };
        });
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

async function withFolder(body: unknown, work: (folder: Folder, directory: string) => Promise<object>) {
  const { directory, seed } = isObject(body) ? body : {};
  if (typeof directory !== 'string') return { status: 400, json: { ok: false, error: 'no_directory' } };
  try {
    return { json: await work(await readFolder(directory, typeof seed === 'number' ? seed : undefined), directory) };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return { status: 422, json: { ok: false, error: error.message } };
  }
}
