import { isObject } from '../kubernetes/objects/json-value.ts';
import type { Target } from '../kubernetes/cluster/target.ts';
import type { Slack } from '../slack/start-slack.ts';
import { isAbout, threadMessages, type ThreadRoot } from './threads.ts';

/** How many incidents of a storm may have got a root of their own before it was seen to be one. */
const mostBefore = 15;

/** What became of many incidents at once. */
export interface StormSeen {
  /** Roots of storms whose threads list some of the workloads, as `channel/ts`. */
  readonly storms: readonly string[];
  /** How often each of the workloads is told of: by a line of a storm or by a root of its own. */
  readonly told: ReadonlyMap<string, number>;
  readonly ownRoots: number;
  /** When the first storm was accepted, real ms UTC; undefined without one. */
  readonly acceptedAt: number | undefined;
}

/** Looks for the workloads in the lists of all storms that the pretend Slack holds, and among the given roots. */
export function stormAbout(slack: Slack, roots: readonly ThreadRoot[], targets: readonly Target[]): StormSeen {
  const told = new Map(targets.map(({ name }) => [name, 0]));
  const tell = (name: string): void => {
    told.set(name, (told.get(name) ?? 0) + 1);
  };
  const storms: string[] = [];
  let acceptedAt: number | undefined;
  for (const entry of slack.messageLog()) {
    const root = slack.store.find(entry.channel, entry.ts);
    if (entry.threadTs !== undefined || root === undefined || root.deleted || !isStorm(root.metadata)) continue;
    const lists = threadMessages(slack, entry).filter(({ metadata }) => typeOf(metadata) === 'oomkeeper_storm_page');
    const text = lists.map((message) => JSON.stringify(message.blocks)).join('\n');
    const found = targets.filter(({ name }) => text.includes(`"${name} (`));
    if (found.length === 0) continue;
    storms.push(`${entry.channel}/${entry.ts}`);
    acceptedAt ??= entry.acceptedAt;
    for (const { name } of found) tell(name);
  }
  const own = roots.flatMap((root) => targets.filter((target) => isAbout(root, target)));
  for (const { name } of own) tell(name);
  return { storms, told, ownRoots: own.length, acceptedAt };
}

/** What is wrong with how a storm of this size was told, in sentences. */
export function stormProblems({ told, ownRoots }: StormSeen, size: number): string[] {
  const missing = [...told].filter(([, times]) => times === 0).map(([name]) => name);
  const twice = [...told].filter(([, times]) => times > 1).map(([name]) => name);
  return [
    ...(told.size === size ? [] : [`storm: expected ${size} workloads, the story has ${told.size}`]),
    ...(missing.length === 0 ? [] : [`storm: nobody was told of ${missing.length}: ${missing.slice(0, 5).join(', ')}`]),
    ...(twice.length === 0 ? [] : [`storm: told of twice: ${twice.slice(0, 5).join(', ')}`]),
    ...(ownRoots <= mostBefore ? [] : [`storm: ${ownRoots} roots of their own, at most ${mostBefore}`]),
  ];
}

function isStorm(metadata: unknown): boolean {
  return typeOf(metadata) === 'oomkeeper_storm';
}

function typeOf(metadata: unknown): unknown {
  return isObject(metadata) ? metadata['event_type'] : undefined;
}
