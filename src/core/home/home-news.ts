import { z } from 'zod';
import { type Entry, type Loaded, type Remediation, type Request, requestSchema } from '../incident/incident.ts';
import { changeWords } from '../talk/plan-words.ts';
import { type Notice, whatHappened } from '../talk/what-happened.ts';
import { growingObject } from '../units/growing-object.ts';

/** What somebody clicked in their Home tab. `at` is ms UTC. */
export const homeClickSchema = growingObject({
  cluster: z.string(),
  incident: z.string(),
  plan: z.string().nullable(),
  action: requestSchema.shape.action,
  at: z.number(),
});
export type HomeClick = z.infer<typeof homeClickSchema>;

/**
 * What became of a click, for the person who made it: the answer that they were given since, else where it stands.
 * `entries` are those of the incident since the click.
 */
export function homeNews(user: string, click: HomeClick, loaded: Loaded, entries: readonly Entry[]): Notice {
  const answer = entries.findLast(({ audience }) => audience.to === 'person' && audience.user === user);
  if (answer !== undefined) return about(loaded, { text: answer.text, people: answer.people });
  const remediation = loaded.incident.remediations.findLast(({ plan }) => plan.id === click.plan);
  const waits = loaded.requests.some(
    ({ by, action, plan }) => by === user && action === click.action && plan === click.plan,
  );
  const change = changeWords(remediation?.plan);
  if (waits)
    return about(loaded, {
      text: `your ${wordsOf[click.action] ?? 'click'} (${change}) was recorded and is being looked at.`,
      people: [],
    });
  const done = remediation === undefined ? null : doneWords(click, remediation, change);
  if (done !== null) return about(loaded, { text: done, people: [] });
  return about(
    loaded,
    whatHappened(loaded.incident, click) ?? { text: `${change} is waiting for a decision.`, people: [] },
  );
}

const wordsOf: Readonly<Partial<Record<Request['action'], string>>> = { approve: 'approval', reject: 'rejection' };

/** Null where it went otherwise than the click wanted. */
function doneWords({ action }: HomeClick, { state }: Remediation, change: string): string | null {
  if (action === 'reject') return state === 'rejected' ? `rejected ${change}. Nothing changed.` : null;
  if (action !== 'approve') return null;
  if (state === 'approved' || state === 'applying') return `approved ${change}. It is being applied now.`;
  if (state === 'applied' || state === 'verifying') return `approved ${change}. It was applied and is being watched.`;
  return null;
}

function about({ incident }: Loaded, { text, people }: Notice): Notice {
  const { name } = incident.subject.workload;
  return { text: `${name}: ${text}`, people };
}
