import type { Target } from '../kubernetes/cluster/target.ts';
import { isObject } from '../kubernetes/objects/json-value.ts';
import type { Slack } from '../slack/start-slack.ts';

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

/** Everything that a thread says, its blocks included, in lower case. */
export function threadText(slack: Slack, { channel, ts }: ThreadRoot): string {
  return slack
    .messageLog()
    .filter((entry) => entry.channel === channel && (entry.ts === ts || entry.threadTs === ts))
    .flatMap((entry) => slack.store.find(entry.channel, entry.ts) ?? [])
    .filter(({ deleted }) => !deleted)
    .map(({ text, blocks }) => `${text} ${JSON.stringify(blocks)}`.toLowerCase())
    .join('\n');
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
