import type {
  BlockAction,
  ButtonAction,
  Middleware,
  RespondFn,
  SlackActionMiddlewareArgs,
  StaticSelectAction,
} from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import type { Opening } from '../../../flow/show/needs.ts';
import { renderSentence } from '../blocks/answer.ts';
import { type ButtonValue, decodeButtonValue } from '../blocks/button-value.ts';
import type { ListenerDeps } from './deps.ts';
import { acknowledged, reply } from './reply.ts';

const UNREADABLE = 'I cannot read what this button is about. Nothing changed; /oom list shows what is open.';
const TRY_AGAIN = 'I cannot reach my store at the moment, so nothing was opened. Please try again in a minute.';

/** Open thread, in a storm: the incident gets a root of its own. Needs no right, and no worker: it changes only Slack. */
export function onOpenIncident(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<ButtonAction>>> {
  return async ({ ack, action, body, respond }) => {
    await acknowledged(ack, deps.log);
    await openAbout(deps, action.value, { by: body.user.id, respond });
  };
}

/** The same, chosen from the menu below a list. */
export function onOpenListed(
  deps: ListenerDeps,
): Middleware<SlackActionMiddlewareArgs<BlockAction<StaticSelectAction>>> {
  return async ({ ack, action, body, respond }) => {
    await acknowledged(ack, deps.log);
    await openAbout(deps, action.selected_option.value, { by: body.user.id, respond });
  };
}

async function openAbout(
  deps: ListenerDeps,
  value: string | undefined,
  { by, respond }: { readonly by: string; readonly respond: RespondFn },
): Promise<void> {
  const about = decodeButtonValue(value);
  await reply(respond, renderSentence(about === null ? UNREADABLE : await open(deps, about, by)));
}

async function open(deps: ListenerDeps, { cluster: name, incident }: ButtonValue, by: string): Promise<string> {
  try {
    const cluster = (await deps.clusters()).find((one) => one.name === name);
    if (cluster === undefined) return `I do not speak for a cluster ${name}, so nothing was opened.`;
    return sentenceFor(incident, await cluster.openThread(incident, by));
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident, cluster: name }, 'incident not opened');
    return TRY_AGAIN;
  }
}

function sentenceFor(incident: string, { is }: Opening): string {
  switch (is) {
    case 'opened':
      return `${incident} gets a thread of its own, at the end of this channel.`;
    case 'under-way':
      return `${incident} is getting a thread of its own already, at the end of this channel.`;
    case 'has-thread':
      return `${incident} has a thread of its own already; /oom show ${incident} links to it.`;
    case 'no-incident':
      return `I no longer know ${incident}; it was closed long ago. Nothing changed.`;
  }
}
