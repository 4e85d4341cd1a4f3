import type { BlockAction, Middleware, OverflowAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { renderSentence } from '../blocks/answer.ts';
import { decodeButtonValue } from '../blocks/button-value.ts';
import { silences } from '../blocks/root-buttons.ts';
import { answerWhyId } from './answers/answer-incident.ts';
import type { ListenerDeps } from './deps.ts';
import { recordClick, UNREADABLE } from './record-click.ts';
import { sendLog } from './send-log.ts';
import { acknowledged, reply } from './reply.ts';
import { sightOf } from './sight.ts';

/** The menu beside the headline: *Why?*, *Logs*, *Acknowledge*, and the silences. */
export function onMenu(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<OverflowAction>>> {
  return async ({ ack, action, body, respond, client }) => {
    await acknowledged(ack, deps.log);
    const [word, value] = splitOption(action.selected_option.value);
    const about = decodeButtonValue(value);
    const click = { value, action, body, respond };
    const silence = silences.find((one) => one.word === word);
    if (word === 'why' && about !== null) {
      const channel = body.channel?.id ?? '';
      const sight = await sightOf(deps, { channel, user: body.user.id, shared: false });
      const asked = { id: about.incident, only: about.cluster };
      await reply(respond, await answerWhyId(deps, asked, { client, sight }));
    } else if (word === 'log' && about !== null) await sendLog(deps, about, { body, respond, client });
    else if (silence)
      await recordClick(deps, {
        ...click,
        request: 'silence',
        silence: { scope: silence.scope, forMs: silence.forMs },
      });
    else if (word === 'ack') await recordClick(deps, { ...click, request: 'acknowledge' });
    else await reply(respond, renderSentence(UNREADABLE));
  };
}

function splitOption(option: string): readonly [word: string, value: string] {
  const at = option.indexOf('|');
  return at === -1 ? ['', option] : [option.slice(0, at), option.slice(at + 1)];
}
