import type { BlockAction, RespondFn, webApi } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import { movesWhole } from '../../../core/talk/readers.ts';
import type { LogAnswer } from '../../../core/talk/question.ts';
import { renderSentence } from '../blocks/answer.ts';
import type { ButtonValue } from '../blocks/button-value.ts';
import { uploadFile } from '../upload-file.ts';
import type { ListenerDeps } from './deps.ts';
import { reply } from './reply.ts';
import { sightOf } from './sight.ts';
import { UNREADABLE_STORE } from './with-clusters.ts';

const ELSEWHERE =
  'Not everybody in this channel may read this log (readers in the policy file), so it was not posted. Nothing changed.';

interface Asked {
  readonly body: BlockAction;
  readonly respond: RespondFn;
  readonly client: webApi.WebClient;
}

/** Posts the end of the killed run's log as a file in the thread, where everybody can find it. */
export async function sendLog(deps: ListenerDeps, about: ButtonValue, { body, respond, client }: Asked): Promise<void> {
  await reply(respond, renderSentence(await logSent(deps, about, { body, client })));
}

/** The result, as a sentence. */
async function logSent(
  deps: ListenerDeps,
  about: ButtonValue,
  { body, client }: Omit<Asked, 'respond'>,
): Promise<string> {
  const thread = body.message?.['ts'];
  if (typeof thread !== 'string' || body.channel === undefined)
    return 'Slack does not say which thread this is, so the log cannot be put there. Please use the menu in the channel.';
  try {
    const cluster = (await deps.clusters()).find(({ name }) => name === about.cluster);
    if (cluster === undefined) return `I do not speak for a cluster ${about.cluster}, so nobody can be asked.`;
    const loaded = await cluster.store.load(about.incident);
    // Everybody in the channel can open the file.
    const sight = await sightOf(deps, { channel: body.channel.id, user: body.user.id, shared: true });
    if (loaded !== null && !movesWhole({ see: sight.ofIncident(loaded) })) return ELSEWHERE;
    const asked = await cluster.ask({ ask: 'log', incident: about.incident });
    if (asked.is === 'no-answer') return asked.sentence;
    const { answer } = asked;
    if (answer.is === 'missing') return answer.reason;
    return await upload(deps, about, answer, { client, to: { channel: body.channel.id, thread } });
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident: about.incident }, 'clusters not read');
    return UNREADABLE_STORE;
  }
}

type Found = Extract<LogAnswer, { is: 'found' }>;

interface Where {
  readonly client: webApi.WebClient;
  readonly to: { readonly channel: string; readonly thread: string };
}

async function upload(
  deps: ListenerDeps,
  { incident }: ButtonValue,
  { pod, container, text, note }: Found,
  { client, to }: Where,
): Promise<string> {
  const whose = [pod, container].filter((part) => part !== '');
  const file = {
    name: `${[incident, ...whose].join('-')}.log`,
    title: `Log of ${whose.join('/')}, the run that was killed`,
    altText: null,
    bytes: Buffer.from(text),
  };
  try {
    await uploadFile(client, file, to);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.warn({ error: failure, incident }, 'log not uploaded');
    return `The log was read, but it is not in the thread. ${failure.message}`;
  }
  return note === null ? 'The log is in the thread.' : `The log is in the thread. ${note}`;
}
