import { isObject, type JsonObject, textAt } from '../json.ts';
import type { World } from '../method.ts';
import { readView, refuseTaken } from '../methods/views.ts';
import { Refusal } from '../refusal.ts';
import type { StoredView } from './view-store.ts';

/** What became of a modal that was submitted. */
export type Submitted =
  | { readonly action: 'closed' | 'clear' }
  | { readonly action: 'update' | 'push'; readonly viewId: string }
  | { readonly action: 'errors'; readonly errors: Readonly<Record<string, string>> };

type Refused = { readonly action: 'refused'; readonly error: string };

/**
 * Carries out what a submission was answered with. NOTE: an answer that Slack does not understand shows up nowhere but
 * before the person, as "We had some trouble connecting" (slackapi/bolt-python#241), so it is an error in the log here.
 */
export function applySubmission(world: World, view: StoredView, answer: JsonObject): Submitted | Refused {
  const refuse = (error: string, extra: JsonObject = {}): Refused => {
    world.log.error({ view: view.content.callbackId, error, ...extra }, 'Slack can not use the answer to a submission');
    return { action: 'refused', error };
  };
  const action = textAt(answer, 'response_action');
  try {
    switch (action) {
      case undefined:
        if (Object.keys(answer).length > 0) return refuse('invalid_response_action', { answer });
        world.views.close(view);
        return { action: 'closed' };
      case 'clear':
        for (const open of world.views.stack(view.user).toReversed()) world.views.close(open);
        return { action };
      case 'errors': {
        const errors = errorsOf(view, answer['errors']);
        if (errors === undefined) return refuse('invalid_errors', { errors: answer['errors'] });
        world.views.complain(view, errors);
        return { action, errors };
      }
      case 'update': {
        const content = readView(world, answer['view'], 'modal');
        refuseTaken(world, content, view);
        world.views.update(view, content);
        return { action, viewId: view.id };
      }
      case 'push': {
        const content = readView(world, answer['view'], 'modal');
        refuseTaken(world, content, undefined);
        const pushed = world.views.push(view.user, content);
        return typeof pushed === 'string' ? refuse(pushed) : { action, viewId: pushed.id };
      }
      default:
        return refuse('invalid_response_action', { answer });
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse(error.code, error.extra);
  }
}

/** Sentences by block; undefined unless every one stands beside an input block of the view. */
function errorsOf(view: StoredView, errors: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(errors)) return undefined;
  const inputs = view.content.blocks.filter((block) => block['type'] === 'input').map((block) => block['block_id']);
  const said = Object.entries(errors).flatMap(([blockId, sentence]) =>
    typeof sentence === 'string' && sentence !== '' && inputs.includes(blockId) ? [[blockId, sentence] as const] : [],
  );
  return said.length === 0 || said.length < Object.keys(errors).length ? undefined : Object.fromEntries(said);
}
