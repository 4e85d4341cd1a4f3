import type { BlockAction, Middleware, OverflowAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { renderSentence } from '../blocks/answer.ts';
import { decodeButtonValue } from '../blocks/button-value.ts';
import { readOption, renderSilenceOpening, silences } from '../blocks/silence.ts';
import { answerById } from './answers/answer-incident.ts';
import type { ListenerDeps } from './deps.ts';
import { openDialog } from './open-dialog.ts';
import { recordClick, UNREADABLE } from './record-click.ts';
import { sendLog } from './send-log.ts';
import { acknowledged, reply } from './reply.ts';
import { sightOf } from './sight.ts';
import { silenceDialog } from './silence.ts';

/** The menu beside the headline: *Why?*, *Logs*, *Acknowledge*, and the silences, which ask first. */
export function onMenu(deps: ListenerDeps): Middleware<SlackActionMiddlewareArgs<BlockAction<OverflowAction>>> {
  return async ({ ack, action, body, respond, client }) => {
    await acknowledged(ack, deps.log);
    const { word, value } = readOption(action.selected_option.value);
    const about = decodeButtonValue(value);
    const click = { value, action, body, respond };
    const silence = silences.find((one) => one.word === word);
    if (word === 'why' && about !== null) {
      const channel = body.channel?.id ?? '';
      const sight = await sightOf(deps, { channel, user: body.user.id, shared: false });
      const asked = { id: about.incident, only: about.cluster };
      await reply(respond, await answerById(deps, 'why', asked, { client, sight }));
    } else if (word === 'log' && about !== null) await sendLog(deps, about, { body, respond, client });
    else if (silence !== undefined && silence.forMs > 0 && about !== null) {
      const opening = renderSilenceOpening(silence, about);
      const { incident } = about;
      await openDialog(deps, { body, client, respond }, { incident, opening }, async () =>
        silenceDialog(deps, { option: silence, about, user: body.user.id }),
      );
    } else if (silence)
      await recordClick(deps, { ...click, request: 'silence', silence: { scope: silence.scope, forMs: 0 } });
    else if (word === 'ack') await recordClick(deps, { ...click, request: 'acknowledge' });
    else await reply(respond, renderSentence(UNREADABLE));
  };
}
