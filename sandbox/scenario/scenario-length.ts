import { crossingAt, lengthOf, withFiles, withPages } from '../kubernetes/kubelet/program.ts';
import type { Scenario } from './scenario.ts';
import { effectivePrograms, specAfter } from './scenario-workload.ts';

/** The longest that one story may take of a check, real ms: a check of many has a minute. */
const longestMs = 28_000;
/** The shortest: time stamps are real, and a run of a second is as long as its machine is late. */
const shortestMs = 6_000;

/** Virtual ms that a scenario takes at least: its last event, click and, with the back-offs, its last expected kill. */
export function scenarioLengthMs(scenario: Scenario): number {
  const { events, people, expect } = scenario;
  const replaced = events.filter((event) => event.do === 'rollout').map(({ at }) => at);
  const times = [...events.map(({ at }) => at), ...people.map(({ at }) => at)];
  if (events.filter(isKill).length >= expect.kills) return Math.max(0, ...times);
  const backOffs = Array.from({ length: Math.max(0, expect.kills - 2) }, (_, index) => Math.min(300, 10 * 2 ** index));
  const run = runMs(scenario, replaced.length);
  const kills =
    firstKillMs(scenario) + (expect.kills - 1) * run + backOffs.reduce((sum, seconds) => sum + seconds, 0) * 1000;
  return Math.max(kills, ...times);
}

/** Virtual ms from the beginning of a scenario to its first kill. */
export function firstKillMs(scenario: Scenario): number {
  const { events, history } = scenario;
  const killing = events.filter(isKill).map(({ at }) => at);
  if (killing.length > 0) return Math.min(...killing);
  const replaced = events.filter((event) => event.do === 'rollout').map(({ at }) => at);
  const run = runMs(scenario, replaced.length);
  // A run from before the start is replaced by the first rollout.
  return Math.max(0, ...replaced) + (replaced.length > 0 ? run : (history?.next ?? run));
}

/** What kills by itself, whatever the program needs. */
function isKill({ do: what, resource }: Scenario['events'][number]): boolean {
  return what === 'kill-child' || what === 'system-oom' || (what === 'evict' && resource !== 'disk');
}

/** Virtual ms per real ms of a story: the usual speed, or another where it would take too long, or no time at all. */
export function speedOf(scenario: Scenario, usual: number): number {
  const lengthMs = scenarioLengthMs(scenario);
  // A story in which nothing happens is as long as it is watched.
  if (lengthMs <= 0) return usual;
  return Math.max(1, lengthMs / longestMs, Math.min(usual, lengthMs / shortestMs));
}

/** How long it may take what was played to look as expected, ms. */
const tellMs = 20_000;

/**
 * How long a finished scenario may take to look as expected, ms of the clock that its story goes by at this speed. On a
 * busy machine people are later than written, and what their change does shows in the run after: where people act so
 * much is added as a run may take.
 */
export function settleMs(scenario: Scenario, speed: number): number {
  if (scenario.people.length === 0) return tellMs;
  const runsMs = effectivePrograms(scenario).map(lengthOf);
  return tellMs + Math.min(longestMs, Math.max(0, ...runsMs) / speed);
}

/** How long the last revision runs: until it is killed or, where its limit is enough, until its program ends. */
function runMs(scenario: Scenario, rollouts: number): number {
  const programs = effectivePrograms(scenario);
  const program = programs[rollouts] ?? programs.at(-1);
  if (program === undefined) return 0;
  const { limit } = specAfter(scenario, rollouts);
  // With an empty volume: later runs are shorter.
  const whole = withPages(withFiles(program, 0));
  if (whole.givesUp !== undefined) return whole.givesUp.at;
  return (limit === null ? null : crossingAt(whole, limit)) ?? lengthOf(whole);
}
