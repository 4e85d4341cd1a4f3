import type { Scenario } from '../scenario/scenario.ts';
import { firstKillMs } from '../scenario/scenario-length.ts';

/** A story, when it begins and when its first root is to be seen: ms of real time after the demo's start. */
export interface Beginning {
  readonly scenario: Scenario;
  readonly at: number;
  readonly rootAt: number;
}

/** Real ms. A newcomer reads one thread after the other: the first five within two minutes, then one each half a minute. */
const firstRootMs = 15_000;
const apartMs = { first: 24_000, later: 30_000 };
const firstRoots = 5;
/** A storm before anybody knows what one thread is would be noise. */
const stormMs = 320_000;

/**
 * When each story of the demo begins, so that its first root comes at its turn: those that ask for a place first, then
 * the others in their own order, storms not before five minutes, and nothing before it has had time to happen. `speed`:
 * virtual ms per real ms.
 */
export function demoTimes(scenarios: readonly Scenario[], speed: number): readonly Beginning[] {
  const waiting = inDemoOrder(scenarios).map(killedAtOnce);
  const beginnings: Beginning[] = [];
  let roots = 0;
  for (;;) {
    const turn = turnMs(roots);
    const storms = waiting.filter(isStorm);
    const inTime = waiting.filter((each) => !isStorm(each) && leadMs(each) / speed <= turn);
    const next = (turn >= stormMs ? storms[0] : undefined) ?? inTime[0] ?? waiting[0];
    if (next === undefined) return beginnings;
    waiting.splice(waiting.indexOf(next), 1);
    const rootAt = Math.max(turn, leadMs(next) / speed, isStorm(next) ? stormMs : 0);
    beginnings.push({ scenario: next, at: rootAt - leadMs(next) / speed, rootAt });
    roots += next.expect.threads + (next.expect.node?.threads ?? 0);
  }
}

/** Nobody is to be warned of a kill that comes in a moment, unless the story is about that. Virtual ms. */
const shortestNextMs = 2_000;

function killedAtOnce(scenario: Scenario): Scenario {
  const { history, expect } = scenario;
  if (history === undefined || history.next <= shortestNextMs || expect.ahead === true) return scenario;
  return { ...scenario, history: { ...history, next: shortestNextMs } };
}

/** Virtual ms from its beginning to its first root. What is warned of has its root as soon as usage was looked at. */
function leadMs(scenario: Scenario): number {
  return scenario.expect.ahead === true ? 0 : firstKillMs(scenario);
}

/** When the root after so many others is to appear, real ms. */
function turnMs(roots: number): number {
  const first = Math.min(roots, firstRoots - 1);
  return firstRootMs + first * apartMs.first + (roots - first) * apartMs.later;
}

function isStorm({ expect }: Scenario): boolean {
  return expect.storm !== undefined;
}

function inDemoOrder(scenarios: readonly Scenario[]): Scenario[] {
  return scenarios.toSorted((a, b) => (a.demo ?? Infinity) - (b.demo ?? Infinity) || 0);
}
