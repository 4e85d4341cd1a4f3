import { randomBytes } from 'node:crypto';
import { interactiveElements } from '../blocks/check-blocks.ts';
import type { JsonObject } from '../json.ts';
import type { ViewContent } from './check-view.ts';

/**
 * A Home tab stays; a modal lives until it is closed or submitted, and every change of it gives it a new `hash`. What a person typed stays
 * over an update where the block, the action and the kind of element are the same, whatever the new initial value says.
 */
export interface StoredView {
  readonly id: string;
  /** Who sees it. */
  readonly user: string;
  content: ViewContent;
  hash: string;
  /** What people typed, by `BLOCK/ACTION`. */
  typed: ReadonlyMap<string, string>;
  /** Said beside the inputs, by block. */
  errors: Readonly<Record<string, string>>;
  /** What Slack says at the foot of it, where the app failed. */
  trouble: string | undefined;
}

export interface ViewStore {
  /** In place of the one that the person may have had. */
  readonly open: (user: string, content: ViewContent) => StoredView;
  /** Replaces the Home tab of a person. */
  readonly publish: (user: string, content: ViewContent) => StoredView;
  /** The Home tab that was last published for a person. */
  readonly homeOf: (user: string) => StoredView | undefined;
  readonly update: (view: StoredView, content: ViewContent) => void;
  readonly find: (id: string) => StoredView | undefined;
  /** The modal that a person has open. */
  readonly of: (user: string) => StoredView | undefined;
  readonly hold: (view: StoredView, blockId: string, actionId: string, typed: string) => void;
  /** Shows errors and trouble; both empty takes them away. */
  readonly complain: (view: StoredView, errors: Readonly<Record<string, string>>, trouble?: string) => void;
  readonly close: (view: StoredView) => void;
}

/** `now` is ms UTC; `changed` is called after every change. */
export function createViewStore(now: () => number, changed: () => void): ViewStore {
  const views = new Map<string, StoredView>();
  const homes = new Map<string, StoredView>();
  const newHash = (): string => `${Math.floor(now() / 1000)}.${randomBytes(4).toString('hex')}`;
  const made = (user: string, content: ViewContent): StoredView => ({
    id: `V0${randomBytes(6).toString('hex').toUpperCase().slice(0, 9)}`,
    user,
    content,
    hash: newHash(),
    typed: new Map(),
    errors: {},
    trouble: undefined,
  });

  return {
    open: (user, content) => {
      const view = made(user, content);
      views.set(user, view);
      changed();
      return view;
    },
    publish: (user, content) => {
      const before = homes.get(user);
      const view = { ...made(user, content), ...(before === undefined ? {} : { id: before.id }) };
      homes.set(user, view);
      changed();
      return view;
    },
    homeOf: (user) => homes.get(user),
    update: (view, content) => {
      const kept = kindsIn(content.blocks);
      const earlier = kindsIn(view.content.blocks);
      const typed = new Map([...view.typed].filter(([key]) => kept.has(key) && kept.get(key) === earlier.get(key)));
      Object.assign(view, { content, hash: newHash(), typed, errors: {}, trouble: undefined });
      changed();
    },
    find: (id) => [...views.values()].find((view) => view.id === id),
    of: (user) => views.get(user),
    hold: (view, blockId, actionId, typed) => {
      view.typed = new Map([...view.typed, [keyOf(blockId, actionId), typed]]);
      changed();
    },
    complain: (view, errors, trouble) => {
      Object.assign(view, { errors, trouble });
      changed();
    },
    close: (view) => {
      views.delete(view.user);
      changed();
    },
  };
}

/** What was typed into an input of a view, if anything was. */
export function typedIn(view: StoredView, blockId: string, actionId: string): string | undefined {
  return view.typed.get(keyOf(blockId, actionId));
}

function keyOf(blockId: string, actionId: string): string {
  return `${blockId}/${actionId}`;
}

/** The kind of each element, by `BLOCK/ACTION`. */
function kindsIn(blocks: readonly JsonObject[]): ReadonlyMap<string, unknown> {
  return new Map(
    blocks.flatMap((block) =>
      interactiveElements(block).map((element) => [
        keyOf(String(block['block_id']), String(element['action_id'])),
        element['type'],
      ]),
    ),
  );
}
