import type { Target } from '../kubernetes/cluster/target.ts';
import { isObject } from '../kubernetes/objects/json-value.ts';
import type { Message } from '../slack/message-store.ts';
import type { Slack } from '../slack/start-slack.ts';
import type { LivingCluster } from '../world-parts.ts';

/** A root message about an incident, as it stands in the pretend Slack after all its edits. */
export interface ThreadRoot {
  readonly channel: string;
  readonly ts: string;
  readonly text: string;
  /** When Slack accepted it, real ms UTC. */
  readonly acceptedAt: number;
  /** `CLUSTER/NAMESPACE/KIND/NAME/CONTAINER`; `-` for what is not there. */
  readonly subject: string;
  readonly verdict: string | null;
  readonly fix: string | null;
  readonly kills: number;
}

/** Every root that was posted and not deleted, oldest first. */
export function threadRoots(slack: Slack): readonly ThreadRoot[] {
  return slack.messageLog().flatMap(({ channel, ts, threadTs, acceptedAt }) => {
    const message = slack.store.find(channel, ts);
    if (threadTs !== undefined || message === undefined || message.deleted) return [];
    const payload = isObject(message.metadata) ? message.metadata['event_payload'] : undefined;
    if (!isObject(payload) || typeof payload['subject'] !== 'string') return [];
    const { subject, verdict, fix, kills } = payload;
    return [
      {
        channel,
        ts,
        text: message.text,
        acceptedAt,
        subject,
        verdict: textOrNull(verdict),
        fix: textOrNull(fix),
        kills: Number(kills ?? 0),
      },
    ];
  });
}

/** Whether a root is about this workload, any of its containers. */
export function isAbout({ subject }: ThreadRoot, { namespace, kind, name }: Target): boolean {
  return subject.includes(`/${namespace}/${kind}/${name}/`);
}

/** What stands in a thread, its root first. */
export function threadMessages({ store }: Slack, { channel, ts }: Pick<ThreadRoot, 'channel' | 'ts'>): Message[] {
  const root = store.find(channel, ts);
  return [...(root === undefined ? [] : [root]), ...store.replies(channel, ts)].filter(({ deleted }) => !deleted);
}

/** Everything that a thread says, its blocks included, in lower case. */
export function threadText(slack: Slack, root: ThreadRoot): string {
  return threadMessages(slack, root)
    .map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`.toLowerCase())
    .join('\n');
}

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
  const nameless = threads.filter(({ cluster, root }) => !root.includes(`cluster ${cluster}`));
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

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
