import { type Chosen, chosenIn } from '../actions.ts';
import { apiView } from './api-view.ts';
import { interactiveElements } from '../blocks/check-blocks.ts';
import type { Acknowledgement } from '../deliver/delivery.ts';
import { inputProblem, initialValue } from '../element-values.ts';
import type { InteractionContext } from '../interaction-context.ts';
import type { Interactions } from '../interactions.ts';
import { isObject, type JsonObject, textAt } from '../json.ts';
import { applySubmission, type Submitted } from './submission.ts';
import { heldIn, type StoredView } from './view-store.ts';
import { idOf, type Person } from '../workspace.ts';

/** The view is the person's open modal unless it is named by its id. */
export interface ViewActRequest {
  readonly user: string;
  readonly viewId?: string | undefined;
  readonly actionId: string;
  readonly blockId?: string | undefined;
  readonly value?: string | undefined;
  /** A line of text was ended with Enter. */
  readonly enter?: boolean | undefined;
}

export interface SubmitRequest {
  readonly user: string;
  readonly viewId?: string | undefined;
  /** By `action_id` or `block_id`. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

export interface CloseRequest {
  readonly user: string;
  /** The whole stack, as the cross and Escape do; otherwise only the view that is shown. */
  readonly clear?: boolean | undefined;
}

export type ViewFailure = {
  readonly ok: false;
  readonly error: string;
  /** Where Slack itself did not send it, by block. */
  readonly errors?: Readonly<Record<string, string>>;
};

export type ViewResult = { readonly ok: true; readonly ack?: { readonly ms: number } } | ViewFailure;

export interface ViewInteractions {
  /** Types, chooses or clicks. What an input block does not dispatch stays in the view and is answered without `ack`. */
  readonly viewAct: (request: ViewActRequest) => Promise<ViewResult>;
  readonly viewSubmit: (
    request: SubmitRequest,
  ) => Promise<{ readonly ok: true; readonly ack: { readonly ms: number }; readonly became: Submitted } | ViewFailure>;
  readonly viewClose: (request: CloseRequest) => Promise<ViewResult>;
  /** Opens the app's Home tab: the event `app_home_opened`. */
  readonly openHome: (user: string) => Promise<ViewResult>;
}

const gone: ViewFailure = { ok: false, error: 'view_not_found' };
const nobody: ViewFailure = { ok: false, error: 'user_not_found' };
const trouble = 'We had some trouble connecting. Try again?';

/** What people do in modals and the Home tab. */
export function createViewInteractions(context: InteractionContext, event: Interactions['event']): ViewInteractions {
  const { deliver, nextActionTs, personOf, who, world } = context;
  const { views } = world;

  function viewOf(person: Person, id: string | undefined): StoredView | undefined {
    const view = id === undefined ? views.stack(person.id).at(-1) : views.find(id);
    const isShown = view !== undefined && [views.stack(person.id).at(-1), views.home(person.id)].includes(view);
    return isShown ? view : undefined;
  }

  function choose(view: StoredView, actionId: string, blockId: string | undefined, value: string | undefined): Chosen {
    const { blocks } = view.content;
    const usersSelect = blocks
      .flatMap(interactiveElements)
      .some((element) => element['action_id'] === actionId && element['type'] === 'users_select');
    const meant = usersSelect && value !== undefined ? (personOf(value)?.id ?? value) : value;
    const chosen = chosenIn(blocks, { actionId, blockId, value: meant }, nextActionTs());
    if (chosen.ok && chosen.held !== undefined) {
      views.hold(view, String(chosen.block['block_id']), String(chosen.element['action_id']), chosen.held);
    }
    return chosen;
  }

  async function close(person: Person, view: StoredView, cleared: boolean): Promise<Acknowledgement | undefined> {
    if (!view.content.notifyOnClose) return undefined;
    return deliver('interactive', {
      type: 'view_closed',
      ...who(person, false),
      view: apiView(world, view),
      is_cleared: cleared,
    });
  }

  return {
    viewAct: async ({ actionId, blockId, enter, user, value, viewId }) => {
      const person = personOf(user);
      if (person === undefined) return nobody;
      const view = viewOf(person, viewId);
      if (view === undefined) return gone;
      const chosen = choose(view, actionId, blockId, value);
      if (!chosen.ok) return chosen;
      if (!isDispatched(chosen.block, chosen.element, enter === true)) return { ok: true };
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

    viewSubmit: async ({ user, values = {}, viewId }) => {
      const person = personOf(user);
      if (person === undefined) return nobody;
      const view = viewOf(person, viewId);
      if (view === undefined || view.content.type !== 'modal') return gone;
      if (view.content.submit === undefined) return { ok: false, error: 'nothing_to_submit' };
      for (const [name, value] of Object.entries(values)) {
        const place = placeOf(view.content.blocks, name);
        if (place === undefined) return { ok: false, error: 'no_such_action' };
        const chosen = choose(view, place.actionId, place.blockId, value);
        if (!chosen.ok) return chosen;
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
      const became = applySubmission(world, view, ack.payload);
      if (became.action === 'refused') {
        views.complain(view, {}, trouble);
        return { ok: false, error: became.error };
      }
      return { ok: true, ack: { ms: ack.ms }, became };
    },

    viewClose: async ({ clear, user }) => {
      const person = personOf(user);
      if (person === undefined) return nobody;
      const stack = views.stack(person.id);
      const shown = stack.at(-1);
      if (shown === undefined) return gone;
      const cleared = clear === true || shown.content.clearOnClose;
      const closed = cleared ? stack.toReversed() : [shown];
      for (const view of closed) views.close(view);
      const told = await Promise.all(closed.map((view) => close(person, view, cleared)));
      const failed = told.find((ack) => ack !== undefined && ack.outcome !== 'acknowledged');
      return failed === undefined ? { ok: true } : resultOf(failed);
    },

    openHome: async (user) => {
      const person = personOf(user);
      if (person === undefined) return nobody;
      const home = views.home(person.id);
      return resultOf(
        await event({
          type: 'app_home_opened',
          user: person.id,
          channel: idOf('D', person.name),
          tab: 'home',
          event_ts: nextActionTs(),
          ...(home === undefined ? {} : { view: apiView(world, home) }),
        }),
      );
    },
  };
}

function resultOf(ack: Acknowledgement): ViewResult {
  return ack.outcome === 'acknowledged' ? { ok: true, ack: { ms: ack.ms } } : { ok: false, error: ack.outcome };
}

/** An input block dispatches only where it says so; a text by default when Enter is pressed, a choice at once. */
function isDispatched(block: JsonObject, element: JsonObject, enter: boolean): boolean {
  if (block['type'] !== 'input') return true;
  if (block['dispatch_action'] !== true) return false;
  if (element['type'] !== 'plain_text_input' && element['type'] !== 'number_input') return true;
  const config = element['dispatch_action_config'];
  const wanted = isObject(config) ? config['trigger_actions_on'] : undefined;
  const on: readonly unknown[] = Array.isArray(wanted) ? wanted : ['on_enter_pressed'];
  return on.includes('on_character_entered') || (enter && on.includes('on_enter_pressed'));
}

function placeOf(blocks: readonly JsonObject[], name: string): { blockId: string; actionId: string } | undefined {
  for (const block of blocks) {
    const blockId = String(block['block_id']);
    for (const element of interactiveElements(block)) {
      const actionId = String(element['action_id']);
      const holds = initialValue(element) !== undefined;
      if (holds && (actionId === name || blockId === name)) return { blockId, actionId };
    }
  }
  return undefined;
}

function clientProblems(view: StoredView): Readonly<Record<string, string>> {
  const problems = view.content.blocks.flatMap((block) => {
    const { element } = block;
    if (block['type'] !== 'input' || !isObject(element)) return [];
    const blockId = textAt(block, 'block_id') ?? '';
    const held = heldIn(view, blockId, textAt(element, 'action_id') ?? '') ?? initialValue(element);
    const problem = held === undefined ? undefined : inputProblem(block, held);
    return problem === undefined ? [] : [[blockId, problem] as const];
  });
  return Object.fromEntries(problems);
}
