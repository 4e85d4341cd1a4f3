import { atSpeed } from '../clock.ts';
import type { Target } from '../kubernetes/cluster/target.ts';
import { lookUntil } from './look-until.ts';
import { observeOutcome, type Outcome } from './observe-outcome.ts';
import { mentionProblems } from './mentions.ts';
import { playScenario } from './play-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Folder } from '../scenario/scenario-files.ts';
import { scenarioLengthMs, settleMs, speedOf } from '../scenario/scenario-length.ts';
import { arrange } from '../scenario/scenario-policy.ts';
import { membersOf, targetOf } from '../scenario/scenario-workload.ts';
import { alarmProblems } from './alarms.ts';
import { stormAbout, stormProblems } from './storms.ts';
import { clusterProblems, placeOf, isAbout, threadRoots, threadText, type ThreadRoot } from './threads.ts';
import {
  livingClusters,
  surroundings,
  type ClusterParts,
  type LivingCluster,
  type WorldParts,
} from '../world-parts.ts';

/** The parts of the world that a check looks at. */
type Looked = ClusterParts & Pick<WorldParts, 'clock' | 'slack' | 'pagerduty' | 'alertmanager' | 'second'>;

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

/** How long one that expects no thread is watched for one all the same. */
const quietMs = 3_000;
/** Ms of the clock between two beginnings: so many first messages at once would be a storm. */
const apartMs = 400;

/** Plays scenarios side by side and says of each whether it went as it expects. */
export async function checkScenarios(
  world: Looked,
  scenarios: readonly Scenario[],
  signal?: AbortSignal,
): Promise<readonly ScenarioRow[]> {
  const { clock } = world;
  const playable = arrange(scenarios).map((scenario, index) => ({ scenario, index }));
  // The longest first: then none is left to be waited for alone.
  const alone = playable.filter(({ scenario }) => !isStorm(scenario)).toSorted((a, b) => realMs(b) - realMs(a));
  const played = new Set<Scenario>();
  const playing = alone.map(async ({ scenario, index }, turn) => {
    await clock.wait(turn * apartMs * clock.speed, signal);
    const row = await checkScenario(world, scenario, signal);
    played.add(scenario);
    return { index, row };
  });
  // A storm folds whatever else waits for the channel, so it comes when the others have their threads.
  const storms = playable.filter(({ scenario }) => isStorm(scenario));
  const after = storms.map(async ({ scenario, index }) => {
    const areOthersTold = () => alone.every((other) => played.has(other.scenario) || isTold(world, other.scenario));
    await lookUntil(areOthersTold, { clock, ms: Infinity, signal });
    return { index, row: await checkScenario(world, scenario, signal) };
  });
  const rows = await Promise.all([...playing, ...after]);
  return rows.toSorted((a, b) => a.index - b.index).map(({ row }) => row);

  function realMs({ scenario }: { readonly scenario: Scenario }): number {
    return scenarioLengthMs(scenario) / speedOf(scenario, clock.speed);
  }
}

function isStorm({ expect }: Scenario): boolean {
  return expect.storm !== undefined;
}

/** Whether all its threads are there. */
function isTold({ slack }: Looked, scenario: Scenario): boolean {
  const { expect, workload } = scenario;
  const targets = membersOf(scenario).map(targetOf);
  const roots = threadRoots(slack);
  const own = roots.filter((root) => targets.some((target) => isAbout(root, target)));
  return own.length >= expect.threads && rootsOfNode(roots, workload.node).length >= (expect.node?.threads ?? 0);
}

async function checkScenario(world: Looked, scenario: Scenario, signal?: AbortSignal): Promise<ScenarioRow> {
  const { clock, slack } = world;
  const places = livingClusters(world, scenario.workload.clusters);
  if (places.length === 0) throw new Error('scenarios need the living cluster, not a recording');
  const own = atSpeed(clock, speedOf(scenario, clock.speed));
  const played = await Promise.all(
    places.map(async ({ cluster, ...parts }, index) =>
      playScenario({
        // Its people are there once, however many clusters it runs in.
        scenario: index === 0 ? scenario : { ...scenario, people: [] },
        cluster,
        clock: own,
        ...surroundings({ ...parts, slack }, own),
        slack,
        stopAfterKills: true,
        ...(signal ? { signal } : {}),
      }),
    ),
  );
  const problems = played.flatMap((one) => one.problems);
  if (scenario.expect.threads === 0) await clock.wait(quietMs * clock.speed, signal);
  let row = look(world, scenario, problems);
  await lookUntil(
    () => {
      row = look(world, scenario, problems);
      return row.ok || problems.length > 0;
    },
    { clock, ms: settleMs(scenario, own.speed), signal },
  );
  return row;
}

function look(world: Looked, scenario: Scenario, played: readonly string[]): ScenarioRow {
  const { expect } = scenario;
  const targets = membersOf(scenario).map(targetOf);
  const roots = threadRoots(world.slack).filter((root) => targets.some((target) => isAbout(root, target)));
  const storm = expect.storm === undefined ? null : stormAbout(world.slack, roots, targets);
  const [first] = roots;
  const places = livingClusters(world, scenario.workload.clusters);
  const { verdict = null, fix = null } = storm === null ? (first ?? {}) : {};
  const threads = storm?.storms.length ?? roots.length;
  const [outcome = null] = places.map(({ cluster }) => observeOutcome(cluster, scenario));
  const said = first === undefined ? '' : threadText(world.slack, first);
  const verified = expect.threads === 0 ? null : (outcome?.verified ?? (isUndone(said) ? 'vanished' : null));
  const postMs = firstPostMs(placeOf(said, places, targets), targets, storm?.acceptedAt ?? first?.acceptedAt);
  const problems = [
    ...played,
    ...differs('threads', expect.threads, threads),
    ...(storm === null && threads < expect.threads && stormAbout(world.slack, [], targets).storms.length > 0
      ? ['it is told of in a storm']
      : []),
    ...differs('verdict', expect.verdict, verdict).map((problem) => (first ? `${problem}: ${first.text}` : problem)),
    ...differs('fix', expect.fix, fix),
    ...(expect.threads > 0 && storm === null ? roots.flatMap((root) => killsDiffer(scenario, root.kills)) : []),
    ...(places.length > 1 ? clusterProblems(world.slack, roots, places, targets) : []),
    ...(storm === null ? [] : stormProblems(storm, expect.storm?.size ?? 0)),
    ...differs('verified', expect.verified, verified),
    ...(expect.limit === undefined ? [] : differs('limit', String(expect.limit), limitsOf(outcome))),
    ...(expect.changes ?? [])
      .filter((what) => outcome?.changed.includes(what) !== true)
      .map((what) => `${what} is as it was`),
    ...resultProblems(expect.verified, first?.text ?? '', said),
    ...(expect.ahead === true && !(postMs !== null && postMs < 0) ? ['its thread was not there before the kill'] : []),
    ...nodeProblems(world, scenario),
    ...(expect.alarms === undefined ? [] : alarmProblems(world, targets, expect.alarms)),
    ...mentionProblems(world.slack, first, scenario),
    ...(expect.says ?? [])
      .filter((words) => !roots.some((root) => threadText(world.slack, root).includes(words.toLowerCase())))
      .map((words) => `the thread does not say "${words}"`),
  ];
  return {
    name: scenario.name,
    expectedVerdict: expect.verdict,
    verdict,
    threads,
    // What was there before the kill did not take any time after it.
    firstPostMs: postMs !== null && postMs < 0 ? null : postMs,
    fix,
    verified,
    ok: problems.length === 0,
    problems,
  };
}

/** Nothing is otherwise than the story has it, and the thread says that something was. */
function isUndone(said: string): boolean {
  return said.includes('the change is gone');
}

/** What is wrong with how the result is told, at the top of the thread and in it. */
function resultProblems(expected: Scenario['expect']['verified'], root: string, said: string): string[] {
  if (expected === 'held') return /held/i.test(root) ? [] : ['the thread does not say that it held'];
  if (expected !== 'bought-time') return [];
  return [
    ...(said.includes('bought time') ? [] : ['the thread does not say that time was bought']),
    ...(/\bheld\b/.test(said) ? ['the thread says of a leak that a limit held'] : []),
  ];
}

/** What is wrong with the threads about the story's node. */
function nodeProblems({ slack }: Looked, { expect: { node }, workload }: Scenario): string[] {
  if (node === undefined) return [];
  const roots = rootsOfNode(threadRoots(slack), workload.node);
  const said = roots.map((root) => threadText(slack, root)).join('\n');
  return [
    ...differs('threads about the node', node.threads, roots.length),
    ...node.says
      .filter((words) => !said.includes(words.toLowerCase()))
      .map((words) => `the thread about the node does not say "${words}"`),
  ];
}

function rootsOfNode(roots: readonly ThreadRoot[], node = ''): readonly ThreadRoot[] {
  return roots.filter(({ subject }) => subject.includes(`/Node/${node}/`));
}

/** From the line of the first kill leaving the pretend API server to the message about it; null without one. */
function firstPostMs(
  place: LivingCluster | undefined,
  targets: readonly Target[],
  acceptedAt: number | undefined,
): number | null {
  if (place === undefined || acceptedAt === undefined) return null;
  const killed = new Set(targets.flatMap((target) => place.cluster.kills(target)[0]?.containerId ?? []));
  const line = place.api
    .watchLog()
    .find(({ containerIds }) => containerIds.some((id) => killed.has(id.slice(id.lastIndexOf('/') + 1))));
  return line === undefined ? null : Math.round((acceptedAt - line.at) * 10) / 10;
}

function limitsOf(outcome: Outcome | null): string {
  return [...new Set(outcome?.limitsInForce ?? [])].map(String).join(', ');
}

/** Where people act, a kill more or less before their change is in force is theirs to decide. */
function killsDiffer({ expect, people }: Scenario, found: number): string[] {
  return people.length > 0 && found >= expect.kills ? [] : differs('kills', expect.kills, found);
}

function differs(what: string, expected: unknown, found: unknown): string[] {
  return expected === found ? [] : [`${what}: expected ${String(expected)}, found ${String(found)}`];
}
