import { createHash } from 'node:crypto';
import type {
  BlockAction,
  BlockElementAction,
  ButtonAction,
  Middleware,
  RespondFn,
  SlackActionMiddlewareArgs,
} from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import type { HomeClick } from '../../../core/home/home-news.ts';
import type { Loaded, Request } from '../../../core/incident/incident.ts';
import { whatHappened } from '../../../core/talk/what-happened.ts';
import type { Notice } from '../../../core/talk/what-happened.ts';
import type { Store } from '../../../flow/needs.ts';
import { renderSentence } from '../blocks/answer.ts';
import { type ButtonValue, decodeButtonValue } from '../blocks/button-value.ts';
import type { ListenerDeps } from './deps.ts';
import { acknowledged, reply } from './reply.ts';

export interface Click {
  readonly request: Request['action'];
  readonly value: string | undefined;
  readonly action: BlockElementAction;
  readonly body: BlockAction;
  readonly respond: RespondFn;
  readonly silence?: NonNullable<Request['silence']>;
}

export const UNREADABLE = 'I cannot read what this button is about. Please use the one at the top of the thread.';
const TRY_AGAIN = 'I cannot reach my store at the moment, so nothing was recorded. Please try again in a minute.';
const UNCLEAR =
  'My store did not answer, so I do not know whether this was recorded. Please try again in a minute; it is done only once.';
const AFTER_UPDATE =
  'Recorded. I am being updated and cannot read this incident until then; the answer will appear in its thread.';
const NOT_SILENT = 'There is no silence to end any more. Nothing changed.';

/**
 * A button that asks the worker for something. The worker decides who may: *Apply* by an approver is request and
 * approval in one, by anybody else just a request; *Acknowledge* needs no permission.
 */
export function onRequest(request: Request['action']) {
  return (deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> =>
    async ({ ack, action, body, respond }) => {
      await acknowledged(ack, deps.log);
      await recordClick(deps, { request, value: action.value, action, body, respond });
    };
}

/**
 * Records a request; the worker decides and answers. Answers here only if nothing can be recorded: the button is out of
 * date, the incident is gone, or the store cannot be reached.
 */
export async function recordClick(deps: ListenerDeps, click: Click): Promise<void> {
  const { value, action, body, respond, request, silence } = click;
  const about = decodeButtonValue(value);
  if (about === null) {
    await reply(respond, renderSentence(UNREADABLE));
    return;
  }
  const isHome = body.view?.type === 'home';
  try {
    const at = isHome ? await deps.homes.now() : 0;
    const told = await record(deps, {
      about,
      user: body.user.id,
      action: request,
      key: [action.action_id, action.action_ts, value ?? ''].join('\n'),
      ...(silence === undefined ? {} : { silence }),
    });
    if (told !== null) await reply(respond, renderSentence(told.text, told.people));
    if (isHome) await afterHomeClick(deps, body.user.id, told === null ? { ...about, action: request, at } : null);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident: about.incident, cluster: about.cluster }, 'click not recorded');
    await reply(respond, renderSentence(TRY_AGAIN));
  }
}

/** The worker's answer is shown in the Home tab, where the person looks. A button that is out of date goes away. */
async function afterHomeClick(
  { homes, showHome, log }: ListenerDeps,
  user: string,
  click: (ButtonValue & Pick<HomeClick, 'action' | 'at'>) | null,
): Promise<void> {
  try {
    await homes.opened(user);
    if (click !== null) {
      const { cluster, incident, plan, action, at } = click;
      await homes.clicked(user, { cluster, incident, plan, action, at });
    }
    await showHome(user);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    // It is shown again within seconds.
    log.warn({ error: failure }, 'Home tab not shown');
  }
}

export interface Wish {
  readonly about: ButtonValue;
  readonly user: string;
  readonly action: Request['action'];
  /** The same for each delivery of one click or submission. */
  readonly key: string;
  readonly value?: string;
  readonly silence?: NonNullable<Request['silence']>;
}

/**
 * Null when it is recorded and the worker answers, else a sentence for the person.
 * @throws Failure where the store cannot be reached
 */
export async function record(deps: ListenerDeps, wish: Wish): Promise<Notice | null> {
  const { about, user, action, key, value = null, silence = null } = wish;
  const mayNot = await deps.people.mayNotAsk(user);
  if (mayNot !== null) return { text: mayNot, people: [] };
  const cluster = (await deps.clusters()).find(({ name }) => name === about.cluster);
  if (cluster === undefined)
    return { text: `I do not speak for a cluster ${about.cluster}, so nothing was recorded.`, people: [] };
  const found = await loadUnlessNewer(cluster.store, about.incident);
  const loaded = found === 'newer' ? null : found;
  const happened = loaded === null ? null : whatHappened(loaded.incident, { action, plan: about.plan });
  if (happened !== null) return happened;
  if (silence?.forMs === 0 && loaded?.incident.silence === null) return { text: NOT_SILENT, people: [] };
  const request = {
    id: requestId(user, key),
    incident: about.incident,
    action,
    plan: about.plan,
    by: user,
    at: deps.now(),
    groups: [...(await deps.groupsOf(user))],
    value,
    silence,
  };
  let recorded: 'recorded' | 'known' | 'no-incident';
  try {
    recorded = await cluster.store.recordRequest(request);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error(
      { error: failure, incident: about.incident, cluster: about.cluster },
      'request perhaps not recorded',
    );
    return { text: UNCLEAR, people: [] };
  }
  if (recorded === 'no-incident')
    return { text: `I no longer know ${about.incident}; it was closed long ago. Nothing changed.`, people: [] };
  await cluster.hints.advance(about.incident);
  return found === 'newer' ? { text: AFTER_UPDATE, people: [] } : null;
}

/** What a newer version has stored is read by the worker that decides, once it is updated. */
async function loadUnlessNewer({ load }: Pick<Store, 'load'>, incident: string): Promise<Loaded | 'newer' | null> {
  try {
    return await load(incident);
  } catch (failure) {
    if (failure instanceof Failure && failure.code === 'newer-document') return 'newer';
    throw failure;
  }
}

/** The same for each delivery of one click, so that the store records it once. */
export function requestId(user: string, key: string): string {
  const digest = createHash('sha256').update([user, key].join('\n')).digest('hex');
  return `REQ-${digest.slice(0, 20)}`;
}
