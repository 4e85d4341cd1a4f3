import { setTimeout as delay } from 'node:timers/promises';
import { atSpeed } from './clock.ts';
import { observeOutcome } from './observe-outcome.ts';
import { playScenario } from './play-scenario.ts';
import type { Scenario } from './scenario.ts';
import type { Folder } from './scenario-files.ts';
import { speedOf } from './scenario-length.ts';
import { targetOf } from './scenario-workload.ts';
import type { SlackHands } from './slack-hands.ts';
import { threadRoots } from './thread-roots.ts';
import type { WorldParts } from './world-parts.ts';

/** The parts of the world that a check looks at. */
type Looked = Pick<WorldParts, 'cluster' | 'clock' | 'slack' | 'api'>;

/** What became of one scenario; `ok` = everything that it expects is true. */
export interface ScenarioRow {
  readonly name: string;
  readonly expectedVerdict: string | null;
  readonly verdict: string | null;
  /** Root messages that the pretend Slack holds. */
  readonly threads: number;
  /** From the watch line leaving the pretend API server to the message being accepted by the pretend Slack. */
  readonly firstPostMs: number | null;
  readonly fix: string | null;
  /** From the pretend cluster's state. */
  readonly verified: string | null;
  readonly ok: boolean;
  /** Why it is not ok. */
  readonly problems: readonly string[];
}

/** The row of a file that could not be played. */
export function unreadableRow({ name, problems }: Folder['unreadable'][number]): ScenarioRow {
  const nothing = { expectedVerdict: null, verdict: null, threads: 0, firstPostMs: null, fix: null, verified: null };
  return { name, ...nothing, ok: false, problems };
}

/** How long a finished scenario may take to look as expected, real ms. */
const settleMs = 20_000;
/** How long one that expects no thread is watched for one all the same. */
const quietMs = 3_000;
const lookEveryMs = 100;

/** Plays scenarios at the same time and says of each whether it went as it expects. */
export async function checkScenarios(
  world: Looked,
  hands: SlackHands,
  scenarios: readonly Scenario[],
  signal?: AbortSignal,
): Promise<readonly ScenarioRow[]> {
  return Promise.all(apart(scenarios).map(async (scenario) => checkScenario(world, hands, scenario, signal)));
}

async function checkScenario(
  world: Looked,
  hands: SlackHands,
  scenario: Scenario,
  signal?: AbortSignal,
): Promise<ScenarioRow> {
  const { cluster, clock } = world;
  if (cluster === null) throw new Error('scenarios need the living cluster, not a recording');
  const own = atSpeed(clock, speedOf(scenario, clock.speed));
  const { problems } = await playScenario({
    scenario,
    cluster,
    clock: own,
    cutApi: (virtualMs) => {
      world.api.cut(virtualMs / own.speed);
    },
    slack: hands,
    stopAfterKills: true,
    ...(signal ? { signal } : {}),
  });
  if (scenario.expect.threads === 0) await delay(quietMs, undefined, signal ? { signal } : {});
  const deadline = performance.now() + settleMs;
  for (;;) {
    const row = look(world, scenario, problems);
    if (row.ok || problems.length > 0 || performance.now() > deadline) return row;
    await delay(lookEveryMs, undefined, signal ? { signal } : {});
  }
}

function look(world: Looked, scenario: Scenario, played: readonly string[]): ScenarioRow {
  const { expect } = scenario;
  const target = targetOf(scenario);
  const subject = `/${target.namespace}/${target.kind}/${target.name}/`;
  const roots = threadRoots(world.slack).filter((root) => root.subject.includes(subject));
  const [first] = roots;
  const { verdict = null, fix = null, kills = 0 } = first ?? {};
  const [kill] = world.cluster?.kills(target) ?? [];
  const line = world.api
    .watchLog()
    .find(({ containerIds }) => containerIds.some((id) => kill !== undefined && id.endsWith(kill.containerId)));
  const outcome = world.cluster ? observeOutcome(world.cluster, scenario) : null;
  const verified = expect.threads === 0 ? null : (outcome?.verified ?? null);
  const problems = [
    ...played,
    ...differs('threads', expect.threads, roots.length),
    ...differs('verdict', expect.verdict, verdict),
    ...differs('fix', expect.fix, fix),
    ...(expect.threads > 0 ? killsDiffer(scenario, kills) : []),
    ...differs('verified', expect.verified, verified),
    ...(expect.verified === 'held' && !/held/i.test(first?.text ?? '') ? ['the thread does not say that it held'] : []),
  ];
  return {
    name: scenario.name,
    expectedVerdict: expect.verdict,
    verdict,
    threads: roots.length,
    firstPostMs: first && line ? Math.round((first.acceptedAt - line.at) * 10) / 10 : null,
    fix,
    verified,
    ok: problems.length === 0,
    problems,
  };
}

/** Where people act, a kill more or less before their change is in force is theirs to decide. */
function killsDiffer({ expect, people }: Scenario, found: number): string[] {
  return people.length > 0 && found >= expect.kills ? [] : differs('kills', expect.kills, found);
}

function differs(what: string, expected: unknown, found: unknown): string[] {
  return expected === found ? [] : [`${what}: expected ${String(expected)}, found ${String(found)}`];
}

/** Two scenarios about the same workload would share an incident: the second gets a namespace of its own. */
function apart(scenarios: readonly Scenario[]): readonly Scenario[] {
  const taken = new Set<string>();
  return scenarios.map((scenario, index) => {
    const { namespace, kind, name } = targetOf(scenario);
    const key = `${namespace}/${kind}/${name}`;
    const free = !taken.has(key);
    taken.add(key);
    if (free) return scenario;
    return { ...scenario, workload: { ...scenario.workload, namespace: `${namespace}-${index + 1}` } };
  });
}
