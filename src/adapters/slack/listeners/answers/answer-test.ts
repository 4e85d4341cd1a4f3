import type { webApi } from '@slack/bolt';
import type { Question } from '../../../../core/talk/question.ts';
import { namesOf } from '../../../../core/talk/words.ts';
import { bounded } from '../../../../core/units/text-bounds.ts';
import { inTime } from '../../../in-time.ts';
import { type Answer, answerOf, renderSentence } from '../../blocks/answer.ts';
import { withPeople } from '../../blocks/escape.ts';
import { section } from '../../blocks/elements.ts';
import { answerIn } from '../clusters-in.ts';
import type { ListenerDeps } from '../deps.ts';
import type { Sight } from '../sight.ts';

/** A kill is seen some seconds after its pod was asked for, if its image is there. */
const patienceMs = 30_000;
const nameMs = 2_000;

interface Wanted {
  readonly words: readonly string[];
  readonly sight: Sight;
  readonly client: webApi.WebClient;
  readonly by: string;
  readonly groups: readonly string[];
}

/** `/oom test [namespace]`: the worker of one cluster decides whether this person may, makes the pod, and answers. */
export function answerTest(deps: ListenerDeps, { words, sight, client, by, groups }: Wanted): Promise<Answer> {
  return answerIn(deps, { words, sight, workloads: 'none' }, async ({ scoped, unknown }) => {
    // A name that does not exist must not lead to a pod somewhere else.
    if (unknown.length > 0) return renderSentence(unknown.join('\n'));
    const [only, ...others] = scoped;
    const namespaces = only?.namespaces ?? [];
    if (only === undefined || others.length > 0 || namespaces.length > 1)
      return renderSentence(
        `A test is made in one namespace of one cluster: /oom test ${scoped[0]?.cluster.name ?? 'CLUSTER'}/NAMESPACE. I know the clusters ${namesOf(
          scoped.map(({ cluster }) => cluster.name),
          scoped.length,
        )}.`,
      );
    const question: Question = {
      ask: 'test',
      namespace: namespaces[0] ?? null,
      by,
      groups: [...groups],
      name: await nameOf(client, by),
    };
    const reply = await only.cluster.ask(question, patienceMs);
    if (reply.is === 'no-answer') return renderSentence(reply.sentence);
    const line = withPeople(reply.answer.text, reply.answer.people);
    return answerOf([section(line)], [line]);
  });
}

/** As the workspace calls them, for the thread, which says who made it without a mention; else their id. */
async function nameOf(client: webApi.WebClient, user: string): Promise<string> {
  try {
    const found = await inTime(client.users.info({ user }), nameMs, () => null);
    return bounded(found?.user?.profile?.display_name || found?.user?.real_name || user, 'ownerName');
  } catch {
    // Who may ask was looked up already; a name is only for looks.
    return user;
  }
}
