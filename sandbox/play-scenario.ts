import type { SandboxClock } from './clock.ts';
import type { Cluster } from './kubernetes/cluster.ts';
import { formatBytes } from './kubernetes/kubelet-quantity.ts';
import { doStep, StepError } from './play-people.ts';
import type { Scenario } from './scenario.ts';
import { scenarioLengthMs } from './scenario-length.ts';
import { behaviourOf, manifestOf, targetOf } from './scenario-workload.ts';
import type { SlackHands } from './slack-hands.ts';

export interface PlayOptions {
  readonly scenario: Scenario;
  readonly cluster: Cluster;
  readonly slack: SlackHands;
  /** What the story's time is counted by, its containers' too. */
  readonly clock: SandboxClock;
  readonly signal?: AbortSignal;
  /** Ends all connections of the pretend API server and refuses new ones for so many virtual ms. */
  readonly cutApi?: (virtualMs: number) => void;
  /** How long a person looks for a button, and how long the last kill is waited for; real ms. Default 20 s. */
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
const defaultCutMs = 20_000;

/** Plays one scenario to its end: everything happened, everybody has clicked, the expected kills have come. */
export async function playScenario(options: PlayOptions): Promise<Played> {
  const { scenario, cluster, clock, signal, patienceMs = defaultPatienceMs } = options;
  const startedAt = clock.now();
  const target = targetOf(scenario);
  const wanted = scenario.expect.kills;
  const problems: string[] = [];
  let enough: () => void = () => undefined;
  const killed = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const stop = cluster.onKill(() => {
    if (cluster.kills(target).length < wanted) return;
    if (options.stopAfterKills === true && scenario.people.length === 0 && wanted > 0) cluster.hold(target);
    enough();
  });
  cluster.setBehaviour(target, { ...behaviourOf(scenario), speed: clock.speed });
  cluster.apply([manifestOf(scenario)]);
  if (wanted === 0) enough();
  try {
    await Promise.all([
      ...scenario.events.map(async (event) => {
        await clock.wait(event.at, signal);
        happen(options, event);
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
  // Whoever looks before the kill has come waits for it too.
  const untilOver = (at: number): number => Math.max(0, scenarioLengthMs(scenario) - at) / clock.speed;
  let elapsed = 0;
  for (const step of scenario.people.toSorted((a, b) => a.at - b.at)) {
    await clock.wait(Math.max(0, step.at - elapsed), signal);
    elapsed = Math.max(elapsed, step.at);
    try {
      await doStep(slack, scenario, step, patienceMs + untilOver(step.at), signal);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      problems.push(error.message);
    }
  }
}

function happen({ scenario, cluster, cutApi }: PlayOptions, event: Scenario['events'][number]): void {
  const target = targetOf(scenario);
  const { container } = scenario.workload;
  switch (event.do) {
    case 'rollout':
      cluster.rollout(target, container, {
        ...(event.image === undefined ? {} : { image: event.image }),
        ...(event.limit === undefined ? {} : { limit: formatBytes(event.limit) }),
      });
      return;
    case 'delete':
      cluster.deleteWorkload(target);
      return;
    case 'probe-fails':
      cluster.failProbe(target, container);
      return;
    case 'evict':
      cluster.evict(target);
      return;
    case 'cut-api':
      cutApi?.(event.for ?? defaultCutMs);
  }
}

/** How long an event goes on after its beginning, virtual ms: a liveness kill takes its failures and the grace. */
function aftermathMs({ workload }: Scenario, what: Scenario['events'][number]['do']): number {
  if (what === 'evict') return 3000;
  if (what !== 'probe-fails') return 0;
  const { probe, grace } = workload;
  const { period, failures } = typeof probe === 'object' && probe !== null ? probe : { period: 10_000, failures: 3 };
  return period * failures + grace + 2000;
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
