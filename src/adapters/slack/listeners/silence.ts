import type { Middleware, SlackViewMiddlewareArgs, types, ViewSubmitAction } from '@slack/bolt';
import { Failure } from '../../../core/failure.ts';
import { type Notice, whatHappened } from '../../../core/talk/what-happened.ts';
import { bounded } from '../../../core/units/text-bounds.ts';
import type { ButtonValue } from '../blocks/button-value.ts';
import {
  readSilenceDialog,
  reasonInput,
  renderNothingToSilence,
  renderSilence,
  type SilenceOption,
} from '../blocks/silence.ts';
import type { ListenerDeps } from './deps.ts';
import { UNREAD_STORE } from './editable.ts';
import { record, UNREADABLE } from './record-click.ts';
import { answerSubmission, plainSentence } from './submission.ts';

/** The dialog that asks before a silence, or says why there is nothing to silence. */
export async function silenceDialog(
  deps: ListenerDeps,
  { option, about, user }: { readonly option: SilenceOption; readonly about: ButtonValue; readonly user: string },
): Promise<types.ModalView> {
  const now = deps.now();
  const no = (text: string, people: Notice['people'] = []): types.ModalView =>
    renderNothingToSilence(option, about, { text, people });
  try {
    const mayNot = await deps.people.mayNotAsk(user);
    if (mayNot !== null) return no(mayNot);
    const cluster = (await deps.clusters()).find(({ name }) => name === about.cluster);
    if (cluster === undefined) return no(`I do not speak for a cluster ${about.cluster}. Nothing changed.`);
    const loaded = await cluster.store.load(about.incident);
    if (loaded === null) return no(`I no longer know ${about.incident}; it was closed long ago. Nothing changed.`);
    const happened = whatHappened(loaded.incident, { action: 'silence', plan: null });
    return happened === null ? renderSilence(option, about, loaded.incident, now) : no(happened.text, happened.people);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    deps.log.error({ error: failure, incident: about.incident }, 'incident not read');
    return no(UNREAD_STORE);
  }
}

/** The worker decides who may. */
export function onSubmittedSilence(deps: ListenerDeps): Middleware<SlackViewMiddlewareArgs<ViewSubmitAction>> {
  return answerSubmission(deps, reasonInput, async ({ body, view }) => {
    const wanted = readSilenceDialog(view.private_metadata);
    if (wanted === null) return UNREADABLE;
    const { about, option } = wanted;
    const { scope, forMs } = option;
    const told = await record(deps, {
      about,
      user: body.user.id,
      action: 'silence',
      key: view.id,
      value: bounded((view.state.values[reasonInput]?.[reasonInput]?.value ?? '').trim(), 'silenceReason'),
      silence: { scope, forMs },
    });
    return told === null ? null : plainSentence(told, deps);
  });
}
