import type {
  BlockAction,
  Middleware,
  PlainTextInputAction,
  SlackActionMiddlewareArgs,
  types,
  webApi,
} from '@slack/bolt';
import { createRecent } from '../../../core/units/recent.ts';
import { decodeButtonValue } from '../blocks/button-value.ts';
import { viewInReadersTime } from '../blocks/readers-time.ts';
import { asSlackFailure } from '../slack-failure.ts';
import type { ListenerDeps } from './deps.ts';
import { dialogOf } from './editable.ts';
import { acknowledged } from './reply.ts';

/** How many dialogs are remembered; what was typed may arrive late or out of order for some seconds. */
const remembered = 200;

/** A dialog that somebody types in. */
interface Typing {
  /** Slack's time of the newest character. */
  newest: number;
  /** Ends with the update that is under way. */
  turn: Promise<void>;
}

/**
 * Shows what the value would mean while somebody types. A dialog has one update at a time, and then only the newest
 * input is used: a fast typist sees the meaning of the present input.
 */
export function onTypedValue(
  deps: ListenerDeps,
): Middleware<SlackActionMiddlewareArgs<BlockAction<PlainTextInputAction>>> {
  const dialogs = createRecent<Typing>(remembered);

  return async ({ ack, action, body, client }) => {
    await acknowledged(ack, deps.log);
    const about = decodeButtonValue(body.view?.private_metadata);
    if (about === null || body.view === undefined) return;
    const { id, hash } = body.view;
    const at = Number(action.action_ts);
    const typing = dialogs.get(id) ?? { newest: 0, turn: Promise.resolve() };
    if (at < typing.newest) return;
    typing.newest = at;
    dialogs.set(id, typing);
    const isNewest = (): boolean => typing.newest === at;
    typing.turn = typing.turn.then(async () => {
      if (!isNewest()) return;
      try {
        const view = viewInReadersTime(await dialogOf(deps, about, action.value ?? ''), deps.now());
        if (isNewest()) await update(client, { view_id: id, hash, view });
      } catch (error) {
        // The value is checked again when it is submitted, so only the help is lost.
        deps.log.warn({ error: asSlackFailure(error, 'views.update'), incident: about.incident }, 'dialog not updated');
      }
    });
    await typing.turn;
  };
}

/** The hash is from when the character was typed; the dialog may have been updated since. */
async function update(
  client: webApi.WebClient,
  wanted: { readonly view_id: string; readonly hash: string; readonly view: types.ModalView },
): Promise<void> {
  try {
    await client.views.update(wanted);
  } catch (error) {
    const failure = asSlackFailure(error, 'views.update');
    if (failure.code === 'chat-view-gone') return;
    if (failure.code !== 'chat-view-changed') throw failure;
    await client.views.update({ view_id: wanted.view_id, view: wanted.view });
  }
}
