import { randomBytes } from 'node:crypto';
import { interactiveElements } from '../blocks/check-blocks.ts';
import type { ViewContent } from './check-view.ts';
import type { JsonObject } from '../json.ts';

/**
 * Modals and Home tabs. A person's modals are a stack of at most three, of which only the last is shown; a view lives
 * until it is closed or submitted, and every change of it gives it a new `hash`. What a person typed stays over an update
 * where the block, the action and the kind of element are the same, whatever the new initial value says.
 */
export interface StoredView {
  readonly id: string;
  /** Who sees it. */
  readonly user: string;
  /** The first view of the stack. */
  readonly rootId: string;
  readonly previousId: string | undefined;
  content: ViewContent;
  hash: string;
  /** What people changed, by `BLOCK/ACTION`. */
  values: ReadonlyMap<string, JsonObject>;
  /** Said beside the inputs, by block. */
  errors: Readonly<Record<string, string>>;
  /** What Slack says at the foot of it, where the app failed. */
  trouble: string | undefined;
}

export interface ViewStore {
  /** A new stack in place of the one that the person may have had. */
  readonly open: (user: string, content: ViewContent) => StoredView;
  readonly push: (user: string, content: ViewContent) => StoredView | 'not_found' | 'push_limit_reached';
  readonly update: (view: StoredView, content: ViewContent) => void;
  readonly publish: (user: string, content: ViewContent) => StoredView;
  readonly find: (id: string) => StoredView | undefined;
  readonly withExternalId: (externalId: string) => StoredView | undefined;
  /** A person's modals, the one that is shown last. */
  readonly stack: (user: string) => readonly StoredView[];
  readonly home: (user: string) => StoredView | undefined;
  readonly all: () => readonly StoredView[];
  readonly hold: (view: StoredView, blockId: string, actionId: string, entry: JsonObject) => void;
  /** Shows errors and trouble; both empty takes them away. */
  readonly complain: (view: StoredView, errors: Readonly<Record<string, string>>, trouble?: string) => void;
  /** Takes a modal away; the one below is shown again. */
  readonly close: (view: StoredView) => void;
}

const deepest = 3;

/** `now` is ms UTC; `changed` is called after every change. */
export function createViewStore(now: () => number, changed: () => void): ViewStore {
  const stacks = new Map<string, readonly StoredView[]>();
  const homes = new Map<string, StoredView>();

  const newHash = (): string => `${Math.floor(now() / 1000)}.${randomBytes(4).toString('hex')}`;
  const stack = (user: string): readonly StoredView[] => stacks.get(user) ?? [];
  const all = (): readonly StoredView[] => [...[...stacks.values()].flat(), ...homes.values()];

  function create(user: string, content: ViewContent, below: StoredView | undefined): StoredView {
    const id = `V0${randomBytes(6).toString('hex').toUpperCase().slice(0, 9)}`;
    return {
      id,
      user,
      rootId: below?.rootId ?? id,
      previousId: below?.id,
      content,
      hash: newHash(),
      values: new Map(),
      errors: {},
      trouble: undefined,
    };
  }

  function update(view: StoredView, content: ViewContent): void {
    const kept = keptKeys(view.content.blocks, content.blocks);
    view.values = new Map([...view.values].filter(([key]) => kept.has(key)));
    Object.assign(view, { content, hash: newHash(), errors: {}, trouble: undefined });
    changed();
  }

  return {
    open: (user, content) => {
      const view = create(user, content, undefined);
      stacks.set(user, [view]);
      changed();
      return view;
    },
    push: (user, content) => {
      const below = stack(user).at(-1);
      if (below === undefined) return 'not_found';
      if (stack(user).length >= deepest) return 'push_limit_reached';
      const view = create(user, content, below);
      stacks.set(user, [...stack(user), view]);
      changed();
      return view;
    },
    update,
    publish: (user, content) => {
      const existing = homes.get(user);
      if (existing !== undefined) {
        update(existing, content);
        return existing;
      }
      const view = create(user, content, undefined);
      homes.set(user, view);
      changed();
      return view;
    },
    find: (id) => all().find((view) => view.id === id),
    withExternalId: (externalId) => all().find(({ content }) => content.externalId === externalId),
    stack,
    home: (user) => homes.get(user),
    all,
    hold: (view, blockId, actionId, entry) => {
      view.values = new Map([...view.values, [valueKey(blockId, actionId), entry]]);
      changed();
    },
    complain: (view, errors, trouble) => {
      Object.assign(view, { errors, trouble });
      changed();
    },
    close: (view) => {
      stacks.set(
        view.user,
        stack(view.user).filter((each) => each !== view),
      );
      changed();
    },
  };
}

/** What a view holds for an element, if anybody changed it. */
export function heldIn(view: StoredView, blockId: string, actionId: string): JsonObject | undefined {
  return view.values.get(valueKey(blockId, actionId));
}

function valueKey(blockId: string, actionId: string): string {
  return `${blockId}/${actionId}`;
}

function keptKeys(before: readonly JsonObject[], after: readonly JsonObject[]): ReadonlySet<string> {
  const kinds = (blocks: readonly JsonObject[]): ReadonlyMap<string, unknown> =>
    new Map(
      blocks.flatMap((block) =>
        interactiveElements(block).map((element) => [
          valueKey(String(block['block_id']), String(element['action_id'])),
          element['type'],
        ]),
      ),
    );
  const earlier = kinds(before);
  return new Set([...kinds(after)].filter(([key, type]) => earlier.get(key) === type).map(([key]) => key));
}
