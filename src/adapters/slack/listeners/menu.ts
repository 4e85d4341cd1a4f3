import type { BlockAction, Middleware, OverflowAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { decodeButtonValue } from '../blocks/button-value.ts';
import { answerWhy } from './answer-why.ts';
import type { ListenerDeps } from './deps.ts';
import { recordClick } from './record-click.ts';
import { acknowledged, tell } from './tell.ts';

/** The menu beside the headline: *Why?* and *Acknowledge*. */
export function onMenu(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<OverflowAction>>> {
  return async ({ ack, action, body, respond }) => {
    await acknowledged(ack, deps.log);
    const [word, value] = splitOption(action.selected_option.value);
    const about = decodeButtonValue(value);
    if (word === 'why' && about !== null) await tell(respond, await answerWhy(deps, about.incident, about.cluster));
    else await recordClick(deps, { request: 'acknowledge', value, action, body, respond });
  };
}

function splitOption(option: string): readonly [word: string, value: string] {
  const at = option.indexOf('|');
  return at === -1 ? ['', option] : [option.slice(0, at), option.slice(at + 1)];
}
