import { z } from 'zod';
import type { Incident, Loaded, RemediationState } from '../incident/incident.ts';
import { isTest } from '../test-kill/test-words.ts';
import { minuteMs } from '../units/duration.ts';
import { globsSchema, matchesGlob } from '../units/glob.ts';
import { quietHoursSchema, quietUntil } from './quiet-hours.ts';
import { isAtLeast, severitySchema } from './severity.ts';

/*
 * Who is notified of an incident that nobody takes care of: the levels of the first rule of policy that fits, one after
 * the other, each once. A level counts from the one before it (the first from the opening of the incident), only while
 * the incident is as bad as the level asks for, and waits for the end of quiet hours and of a silence. Nobody is notified
 * any more once somebody acknowledged it, approved a change of it, or it is closed; of a test nobody is.
 */

const mostLevels = 5;
const mostPeople = 5;
/** In place of an id: whoever owns the workload. */
const owner = 'owner';

/** What restarts within seconds is down at the first look; whoever is woken for that stops reading. */
const secondLookMs = 2 * minuteMs;

interface PolicyWords {
  readonly shape: RegExp;
  readonly complaint: string;
  /** Reads a duration such as 10m. */
  readonly wait: z.ZodType<number>;
}

export const notifyRuleSchema = ({ shape, complaint, wait }: PolicyWords) =>
  z
    .strictObject({
      clusters: globsSchema.prefault(['*']),
      namespaces: globsSchema.prefault(['*']),
      labels: z.record(z.string().min(1), z.string()).prefault({}),
      levels: z
        .array(
          z
            .strictObject({
              who: z
                .array(z.union([z.literal(owner), z.string().regex(shape, `${complaint}, or the word owner`)]))
                .min(1, 'names nobody')
                .max(mostPeople),
              from: severitySchema.default('critical'),
              after: wait.default(secondLookMs),
            })
            .readonly(),
        )
        .min(1)
        .max(mostLevels),
      quietHours: z.array(quietHoursSchema).prefault([]),
    })
    .readonly();
export type NotifyRule = z.infer<ReturnType<typeof notifyRuleSchema>>;

/** Somebody has said yes to a change, and it has not gone wrong. */
const agreed: readonly RemediationState[] = ['approved', 'applying', 'applied', 'verifying'];
/** The same, as long as no kill came since. */
const worked: readonly RemediationState[] = ['held', 'held-so-far', 'bought-time', 'overshot'];

export type NotNotified =
  | 'not-read'
  | 'test'
  | 'closed'
  | 'acknowledged'
  | 'approved'
  | 'no-rule'
  | 'not-so-bad'
  | 'nobody-left';

/** `level` counts from 1, `people` are ids of the chat. */
export type Escalation =
  | { readonly is: 'due'; readonly level: number; readonly people: readonly string[] }
  | { readonly is: 'later'; readonly because: 'not-yet' | 'quiet-hours' | 'silenced'; readonly at: number }
  | { readonly is: 'nobody'; readonly because: NotNotified };

/** Whom to notify of an incident now, or when (ms UTC), or why nobody. */
export function escalate(
  loaded: Pick<Loaded, 'incident' | 'tally'>,
  rules: readonly NotifyRule[],
  now: number,
): Escalation {
  const { impact, notified, silence, openedAt } = loaded.incident;
  const settled = settledBy(loaded);
  if (settled !== null) return { is: 'nobody', because: settled };
  if (impact === null) return { is: 'nobody', because: 'not-read' };
  const rule = ruleFor(loaded.incident, rules);
  if (rule === undefined) return { is: 'nobody', because: 'no-rule' };
  const left = rule.levels
    .map(({ who, ...level }, index) => ({
      ...level,
      level: index + 1,
      people: peopleOf(who, impact.owner?.id ?? null),
    }))
    .filter(({ level, people }) => people.length > 0 && notified.every((one) => one.level !== level));
  const next = left.find(({ from }) => isAtLeast(impact.severity, from));
  if (next === undefined) return { is: 'nobody', because: left.length === 0 ? 'nobody-left' : 'not-so-bad' };
  const dueAt = (notified.at(-1)?.at ?? openedAt) + next.after;
  if (now < dueAt) return { is: 'later', because: 'not-yet', at: dueAt };
  if (silence !== null && now < silence.until) return { is: 'later', because: 'silenced', at: silence.until };
  const quiet = quietUntil(rule.quietHours, impact.severity, now);
  if (quiet !== null) return { is: 'later', because: 'quiet-hours', at: quiet };
  return { is: 'due', level: next.level, people: next.people };
}

/** Why nobody has to be notified of it any more; null while it is open and nobody takes care of it. */
export function settledBy({ incident, tally }: Pick<Loaded, 'incident' | 'tally'>): NotNotified | null {
  if (isTest(incident.trigger)) return 'test';
  if (incident.state.is === 'closed') return 'closed';
  if (incident.acknowledged !== null) return 'acknowledged';
  const isDone = incident.remediations.some(
    ({ state, applied }) => agreed.includes(state) || (worked.includes(state) && (applied?.at ?? 0) >= tally.lastAt),
  );
  return isDone ? 'approved' : null;
}

function ruleFor(
  { subject, trigger }: Pick<Incident, 'subject' | 'trigger'>,
  rules: readonly NotifyRule[],
): NotifyRule | undefined {
  return rules.find(
    ({ clusters, namespaces, labels }) =>
      clusters.some((glob) => matchesGlob(glob, subject.cluster)) &&
      namespaces.some((glob) => matchesGlob(glob, subject.namespace ?? '')) &&
      Object.entries(labels).every(([name, glob]) => matchesGlob(glob, trigger.labels[name] ?? '')),
  );
}

function peopleOf(who: readonly string[], ownerId: string | null): readonly string[] {
  const ids = who.flatMap((one) => (one === owner ? (ownerId ?? []) : one));
  return [...new Set(ids)];
}
