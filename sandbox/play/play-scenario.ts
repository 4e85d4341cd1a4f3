import type { SandboxClock } from '../clock.ts';
import type { Cluster } from '../kubernetes/cluster/cluster.ts';
import { aftermathMs, happen, type Surroundings } from './play-events.ts';
import { StepError } from './look-until.ts';
import { doStep } from './play-people.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { scenarioLengthMs } from '../scenario/scenario-length.ts';
import {
  behaviourOf,
  manifestOf,
  manifestTextOf,
  membersOf,
  neighboursOf,
  sourcePathOf,
  targetOf,
} from '../scenario/scenario-workload.ts';
import type { Slack } from '../slack/start-slack.ts';

export interface PlayOptions extends Surroundings {
  readonly scenario: Scenario;
  readonly cluster: Cluster;
  /** Without one its people do nothing. */
  readonly slack?: Slack;
  /** What the story's time is counted by, its containers' too. */
  readonly clock: SandboxClock;
  readonly signal?: AbortSignal;
  /** How long a person looks for a button, and how long the last kill is waited for; ms of the clock. Default 20 s. */
  readonly patienceMs?: number;
  /** The containers stay down after the expected number of kills, so that counts can be compared. Default false. */
  readonly stopAfterKills?: boolean;
}

export interface Played {
  /** Real ms UTC. */
  readonly startedAt: number;
  /** What somebody could not do, in sentences; empty when all went as written. */
  readonly problems: readonly string[];
}

const defaultPatienceMs = 20_000;

/** Plays one scenario to its end: everything happened, everybody has clicked, the expected kills have come. */
export async function playScenario(options: PlayOptions): Promise<Played> {
  const { scenario, cluster, clock, signal, patienceMs = defaultPatienceMs } = options;
  const startedAt = clock.now();
  const members = membersOf(scenario);
  const wanted = scenario.expect.kills;
  const problems: string[] = [];
  let enough: () => void = () => undefined;
  const killed = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const stop = cluster.onKill(() => {
    const done = members.map(targetOf).filter((target) => cluster.kills(target).length >= wanted);
    if (options.stopAfterKills === true && isLeftAlone(scenario) && wanted > 0) done.forEach(cluster.hold);
    if (done.length === members.length) enough();
  });
  for (const member of members) {
    const path = sourcePathOf(member);
    if (path !== null) options.repository?.plant(path, manifestTextOf(member), clock);
    cluster.setBehaviour(targetOf(member), { ...behaviourOf(member), speed: clock.speed });
    cluster.apply([...neighboursOf(member), manifestOf(member)]);
  }
  if (wanted === 0) enough();
  try {
    await Promise.all([
      ...scenario.events.map(async (event) => {
        await clock.wait(event.at, signal);
        await telling(problems, async () => happen(options, event, { clock, ms: patienceMs, signal }));
        await clock.wait(aftermathMs(scenario, event.do), signal);
      }),
      playPeople(options, problems, patienceMs),
      within(killed, clock, scenarioLengthMs(scenario) + patienceMs * clock.speed, problems, signal),
    ]);
  } finally {
    stop();
  }
  return { startedAt, problems };
}

async function playPeople(options: PlayOptions, problems: string[], patienceMs: number): Promise<void> {
  const { scenario, slack, clock, signal } = options;
  if (slack === undefined) return;
  // Whoever looks before the kill has come waits for it too.
  const untilOver = (at: number): number => Math.max(0, scenarioLengthMs(scenario) - at) / clock.speed;
  let elapsed = 0;
  for (const step of scenario.people.toSorted((a, b) => a.at - b.at)) {
    await clock.wait(Math.max(0, step.at - elapsed), signal);
    elapsed = Math.max(elapsed, step.at);
    await telling(problems, async () =>
      doStep(slack, scenario, step, { clock, ms: patienceMs + untilOver(step.at), signal }),
    );
  }
}

/** Nobody changes anything: then the expected kills can be counted exactly. */
function isLeftAlone({ people, events }: Scenario): boolean {
  return people.length === 0 && !events.some((event) => event.do === 'merge');
}

async function telling(problems: string[], step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    problems.push(error.message);
  }
}

async function within(
  killed: Promise<void>,
  clock: SandboxClock,
  virtualMs: number,
  problems: string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const giveUp = new AbortController();
  const either = signal === undefined ? giveUp.signal : AbortSignal.any([signal, giveUp.signal]);
  const late = clock.wait(virtualMs, either).then(
    () => true,
    () => false,
  );
  const tooLate = await Promise.race([killed.then(() => false), late]);
  giveUp.abort();
  signal?.throwIfAborted();
  if (tooLate) problems.push('the expected number of kills did not come');
}
