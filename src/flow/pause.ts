import { names, rulesIn } from '../core/approve/policy.ts';
import type { Pause, Policy } from '../core/approve/policy.ts';
import type { PauseAnswer } from '../core/talk/question.ts';
import { clockTime, mostNamed, namesOf } from '../core/talk/words.ts';
import type { Hints, Now, Store } from './needs.ts';
import type { PauseQuestion } from './answer/question-needs.ts';
import type { Log } from './worker-needs.ts';

export interface PauseNeeds {
  readonly cluster: string;
  readonly store: Pick<Store, 'pause' | 'keepPause' | 'record' | 'open'>;
  readonly hints: Pick<Hints, 'advance'>;
  readonly policy: Policy;
  readonly now: Now;
  readonly log: Log;
}

/** After a pause, so many incidents with approved plans are made due at once; the others wait for their time. */
const hinted = 200;

/**
 * The kill switch. Anybody may set it, because it only makes things safer; only a person whom policy allows to approve
 * something in this cluster may release it. Said again with another reason, it changes the reason and nothing else.
 */
export async function setPause(question: PauseQuestion, needs: PauseNeeds): Promise<PauseAnswer> {
  const { store, cluster } = needs;
  const at = await needs.now();
  const before = await store.pause();
  if (question.want === 'paused') {
    const reason = question.reason ?? '';
    const { by } = question;
    if (before !== null) {
      if (reason === '' || reason === before.reason)
        return answer('paused', `Changes in ${cluster} are paused already, ${since(before)}.`, [before.by]);
      await store.keepPause({ ...before, reason }, { what: 'reason-changed', by, at, reason });
      await keepRecord(question, needs, at, 'pause-reason-changed');
      const now = since({ ...before, reason });
      return answer('paused', `The reason was changed: changes in ${cluster} are paused ${now}.`, [before.by]);
    }
    await store.keepPause({ by, at, reason }, { what: 'paused', by, at, reason });
    await keepRecord(question, needs, at, 'paused');
    return answer(
      'paused',
      `Changes in ${cluster} are paused: nothing is approved or applied until an approver says /oom resume. Kills are still posted and explained. The channels are told.`,
      [],
    );
  }
  if (before === null) return answer('running', `Changes in ${cluster} are not paused.`, []);
  const rules = rulesIn(needs.policy, cluster);
  const approvers = [...new Set(rules.flatMap(({ who }) => who))];
  if (!rules.some((rule) => names(rule, question))) {
    await keepRecord(question, needs, at, 'refused:may-not-approve');
    const people = approvers.slice(0, mostNamed);
    const who = namesOf(
      people.map((_, index) => `{${index}}`),
      approvers.length,
    );
    const can = people.length === 0 ? 'approvers, and policy names none, can' : `${who} can`;
    return answer('refused', `Only ${can} resume changes in ${cluster}. They stay paused.`, people);
  }
  await store.keepPause(null, { what: 'resumed', by: question.by, at, reason: '' });
  await keepRecord(question, needs, at, 'resumed');
  for (const { incident } of await store.open(hinted)) await needs.hints.advance(incident.id);
  return answer('running', `Changes in ${cluster} go on. They were paused ${since(before)}. The channels are told.`, [
    before.by,
  ]);
}

function since({ at, reason }: Pause): string {
  return `since ${clockTime(at)} by {0}${reason === '' ? '' : ` (${reason})`}`;
}

function answer(is: PauseAnswer['is'], text: string, people: readonly string[]): PauseAnswer {
  return { to: 'pause', is, text, people: [...people] };
}

async function keepRecord({ by, reason }: PauseQuestion, needs: PauseNeeds, at: number, what: string): Promise<void> {
  const { store, cluster, log } = needs;
  log('info', 'kill switch', { what, by });
  await store.record({
    at,
    cluster,
    incident: null,
    subject: cluster,
    what,
    plan: null,
    by,
    text: reason ?? '',
    result: null,
  });
}
