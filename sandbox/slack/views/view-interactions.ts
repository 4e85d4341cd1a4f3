import { chosenIn, type Chosen, inputValue } from '../people/actions.ts';
import { interactiveElements } from '../blocks/check-blocks.ts';
import type { Acknowledgement } from '../deliver/delivery.ts';
import type { InteractionContext } from '../people/interaction-context.ts';
import { isObject, type JsonObject, textAt } from '../json.ts';
import type { Person } from '../workspace.ts';
import { apiView } from './api-view.ts';
import { type StoredView, typedIn } from './view-store.ts';

/** In the modal that the person has open. */
export interface ViewActRequest {
  readonly user: string;
  readonly actionId: string;
  readonly blockId?: string | undefined;
  readonly value?: string | undefined;
  /** A line of text was ended with Enter. */
  readonly enter?: boolean | undefined;
}

export interface SubmitRequest {
  readonly user: string;
  /** By `action_id` or `block_id`. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

export type ViewFailure = {
  readonly ok: false;
  readonly error: string;
  /** Where Slack itself did not send it, by block. */
  readonly errors?: Readonly<Record<string, string>>;
};

export type ViewResult = { readonly ok: true; readonly ack?: { readonly ms: number } } | ViewFailure;

/** What became of a modal that was submitted. */
export type Submitted =
  | { readonly action: 'closed' }
  | { readonly action: 'errors'; readonly errors: Readonly<Record<string, string>> };

export interface ViewInteractions {
  /** Types or clicks. What an input block does not dispatch stays in the view and is answered without `ack`. */
  readonly viewAct: (request: ViewActRequest) => Promise<ViewResult>;
  readonly viewSubmit: (
    request: SubmitRequest,
  ) => Promise<{ readonly ok: true; readonly ack: { readonly ms: number }; readonly became: Submitted } | ViewFailure>;
  readonly viewClose: (user: string) => Promise<ViewResult>;
}

const gone: ViewFailure = { ok: false, error: 'view_not_found' };
const trouble = 'We had some trouble connecting. Try again?';

/** What people do in modals. */
export function createViewInteractions({
  deliver,
  nextActionTs,
  personOf,
  who,
  world,
}: InteractionContext): ViewInteractions {
  const { views } = world;

  function shownTo(user: string): { readonly person: Person; readonly view: StoredView } | ViewFailure {
    const person = personOf(user);
    if (person === undefined) return { ok: false, error: 'user_not_found' };
    const view = views.of(person.id);
    return view === undefined ? gone : { person, view };
  }

  function choose(view: StoredView, place: Omit<ViewActRequest, 'user'>): Chosen {
    const chosen = chosenIn(view.content.blocks, place, nextActionTs());
    if (chosen.ok && chosen.element['type'] === 'plain_text_input') {
      views.hold(view, String(chosen.block['block_id']), String(chosen.element['action_id']), place.value ?? '');
    }
    return chosen;
  }

  return {
    viewAct: async ({ user, ...place }) => {
      const shown = shownTo(user);
      if ('ok' in shown) return shown;
      const { person, view } = shown;
      const chosen = choose(view, place);
      if (!chosen.ok) return chosen;
      if (!isDispatched(chosen.block, chosen.element, place.enter === true)) return { ok: true };
      const ack = await deliver('interactive', {
        type: 'block_actions',
        ...who(person),
        container: { type: 'view', view_id: view.id },
        view: apiView(world, view),
        actions: [chosen.action],
      });
      const failed = ack.outcome !== 'acknowledged';
      if (failed || view.trouble !== undefined) views.complain(view, view.errors, failed ? trouble : undefined);
      return resultOf(ack);
    },

    viewSubmit: async ({ user, values = {} }) => {
      const shown = shownTo(user);
      if ('ok' in shown) return shown;
      const { person, view } = shown;
      if (view.content.submit === undefined) return { ok: false, error: 'nothing_to_submit' };
      for (const [name, value] of Object.entries(values)) {
        const place = placeOf(view.content.blocks, name);
        if (place === undefined) return { ok: false, error: 'no_such_action' };
        choose(view, { ...place, value });
      }
      const errors = clientProblems(view);
      views.complain(view, errors);
      if (Object.keys(errors).length > 0) return { ok: false, error: 'invalid_input', errors };
      const ack = await deliver('interactive', {
        type: 'view_submission',
        ...who(person),
        view: apiView(world, view),
        response_urls: [],
      });
      if (ack.outcome !== 'acknowledged') {
        views.complain(view, {}, trouble);
        return { ok: false, error: ack.outcome };
      }
      if (Object.keys(ack.payload).length === 0) {
        views.close(view);
        return { ok: true, ack: { ms: ack.ms }, became: { action: 'closed' } };
      }
      const said = errorsOf(view, ack.payload);
      if (said !== undefined) {
        views.complain(view, said);
        return { ok: true, ack: { ms: ack.ms }, became: { action: 'errors', errors: said } };
      }
      // NOTE: such an answer shows up nowhere but before the person (slackapi/bolt-python#241), so it is logged here.
      const { callbackId } = view.content;
      world.log.error({ view: callbackId, answer: ack.payload }, 'this Slack can not use the answer to a submission');
      views.complain(view, {}, trouble);
      return { ok: false, error: 'invalid_response_action' };
    },

    viewClose: async (user) => {
      const shown = shownTo(user);
      if ('ok' in shown) return shown;
      views.close(shown.view);
      return { ok: true };
    },
  };
}

function resultOf(ack: Acknowledgement): ViewResult {
  return ack.outcome === 'acknowledged' ? { ok: true, ack: { ms: ack.ms } } : { ok: false, error: ack.outcome };
}

/** An input block dispatches only where it says so: by default when Enter is pressed. */
function isDispatched(block: JsonObject, element: JsonObject, enter: boolean): boolean {
  if (block['type'] !== 'input') return true;
  if (block['dispatch_action'] !== true) return false;
  const config = element['dispatch_action_config'];
  const wanted = isObject(config) ? config['trigger_actions_on'] : undefined;
  const on: readonly unknown[] = Array.isArray(wanted) ? wanted : ['on_enter_pressed'];
  return on.includes('on_character_entered') || (enter && on.includes('on_enter_pressed'));
}

function placeOf(blocks: readonly JsonObject[], name: string): { blockId: string; actionId: string } | undefined {
  for (const block of blocks.filter(({ type }) => type === 'input')) {
    const blockId = String(block['block_id']);
    const actionId = interactiveElements(block).map((element) => String(element['action_id']))[0];
    if (actionId !== undefined && (actionId === name || blockId === name)) return { blockId, actionId };
  }
  return undefined;
}

/** What Slack's own client says of a value that it does not send, in a sentence by block. */
function clientProblems(view: StoredView): Readonly<Record<string, string>> {
  const problems = view.content.blocks.flatMap((block): readonly (readonly [string, string])[] => {
    const { element } = block;
    if (block['type'] !== 'input' || !isObject(element)) return [];
    const blockId = textAt(block, 'block_id') ?? '';
    const value = inputValue(element, typedIn(view, blockId, textAt(element, 'action_id') ?? ''))?.['value'];
    const most = Number(element['max_length'] ?? Infinity);
    if (typeof value !== 'string') {
      return block['optional'] === true ? [] : [[blockId, 'Please complete this required field.']];
    }
    return value.length > most ? [[blockId, `Please enter at most ${most} characters.`]] : [];
  });
  return Object.fromEntries(problems);
}

/** Sentences by block; undefined unless every one stands beside an input block of the view. */
function errorsOf(view: StoredView, answer: JsonObject): Readonly<Record<string, string>> | undefined {
  const { errors } = answer;
  if (answer['response_action'] !== 'errors' || !isObject(errors)) return undefined;
  const inputs = view.content.blocks.filter((block) => block['type'] === 'input').map((block) => block['block_id']);
  const said = Object.entries(errors).flatMap(([blockId, sentence]) =>
    typeof sentence === 'string' && sentence !== '' && inputs.includes(blockId) ? [[blockId, sentence] as const] : [],
  );
  return said.length === 0 || said.length < Object.keys(errors).length ? undefined : Object.fromEntries(said);
}
