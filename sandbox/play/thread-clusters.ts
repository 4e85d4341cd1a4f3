import type { Target } from '../kubernetes/cluster/target.ts';
import type { Slack } from '../slack/start-slack.ts';
import { threadText, type ThreadRoot } from './thread-roots.ts';
import type { LivingCluster } from '../world-parts.ts';

/** The cluster that a thread is about, by the pods that it names; the first where it names none. */
export function placeOf(
  threadWords: string,
  places: readonly LivingCluster[],
  targets: readonly Target[],
): LivingCluster | undefined {
  return places.find((place) => podsKilledIn(place, targets).some((pod) => threadWords.includes(pod))) ?? places[0];
}

/** What is wrong with how the kills of workloads with the same names in several clusters were told, in sentences. */
export function clusterProblems(
  slack: Slack,
  roots: readonly ThreadRoot[],
  places: readonly LivingCluster[],
  targets: readonly Target[],
): string[] {
  const threads = roots.map((root) => ({
    cluster: root.subject.slice(0, root.subject.indexOf('/')),
    root: root.text,
    words: threadText(slack, root),
  }));
  const nameless = threads.filter(({ cluster, root }) => !root.includes(`${cluster}/`));
  const told = places.map((place) => {
    const pods = podsKilledIn(place, targets);
    return new Set(threads.filter(({ words }) => pods.some((pod) => words.includes(pod))).map((one) => one.cluster));
  });
  const distinct = new Set(told.flatMap((clusters) => [...clusters]));
  const isOneEach = told.every(({ size }) => size === 1) && distinct.size === places.length;
  return [
    ...nameless.map(({ cluster }) => `the first message of the thread of ${cluster} does not name its cluster`),
    ...(isOneEach ? [] : [`pods of ${places.length} clusters: not each in the thread of its own cluster alone`]),
  ];
}

function podsKilledIn({ cluster }: LivingCluster, targets: readonly Target[]): string[] {
  return [...new Set(targets.flatMap((target) => cluster.kills(target).map(({ pod }) => pod)))];
}
