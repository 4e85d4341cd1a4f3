import type { webApi } from '@slack/bolt';
import type { Loaded } from '../../../core/incident/incident.ts';
import type { Reply } from '../../../core/talk/question.ts';
import type { Asked, MaySee } from '../../../core/talk/readers.ts';
import type { ListenerDeps } from './deps.ts';

/** Where somebody asks, who, and whether the answer is for everybody there. Ids of Slack. */
export interface Asking {
  readonly channel: string;
  readonly user: string;
  readonly shared: boolean;
}

/** What may be in one answer. */
export interface Sight {
  readonly of: (asked: Asked) => MaySee['see'];
  readonly ofIncident: (loaded: Pick<Loaded, 'incident'>) => MaySee['see'];
  /** Whether text that may name anything of this cluster has to be left out. */
  readonly hidesNamesOf: (cluster: string) => boolean;
}

/** Who reads an answer. */
export interface Reader {
  readonly client: webApi.WebClient;
  readonly sight: Sight;
}

export async function sightOf(
  { reading, groupsOf }: Pick<ListenerDeps, 'reading' | 'groupsOf'>,
  { channel, user, shared }: Asking,
): Promise<Sight> {
  const { maySee, hidesNames, namesPeople } = reading();
  const only = shared || !namesPeople ? null : { by: user, groups: await groupsOf(user) };
  const of: Sight['of'] = (asked) => maySee(asked, { channel, only }).see;
  return {
    of,
    ofIncident: ({ incident }) => of(incident.trigger),
    hidesNamesOf: (cluster) => hidesNames(cluster, { channel, only }),
  };
}

export const hiddenWhy = 'Why is not shown here, because it may name what is hidden.';

/** What is left out of an answer, as a sentence; nothing where nothing is. `what` is a plural. */
export function leftOutWords(count: number, what: readonly [one: string, many: string]): readonly string[] {
  if (count === 0) return [];
  return count === 1
    ? [`1 ${what[0]} is only shown in its own channel.`]
    : [`${count} ${what[1]} are only shown in their own channels.`];
}

type NoAnswer = Extract<Reply<never>, { is: 'no-answer' }>;

/** Why a worker did not answer, as a sentence; without its own words where names of its cluster are hidden. */
export function silentWords(cluster: string, { why, sentence }: NoAnswer, { hidesNamesOf }: Sight): string {
  return why === 'failed' && hidesNamesOf(cluster)
    ? `The worker of ${cluster} could not answer. ${hiddenWhy}`
    : sentence;
}
