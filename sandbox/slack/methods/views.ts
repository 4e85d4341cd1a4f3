import { apiView } from '../views/api-view.ts';
import type { Args } from '../args.ts';
import { storedBlocks } from '../blocks/check-blocks.ts';
import { checkView, type ViewContent } from '../views/check-view.ts';
import { type Call, fileNamed, type Method, type World } from '../method.ts';
import { Refusal } from '../refusal.ts';
import type { StoredView } from '../views/view-store.ts';

const opening = { token: 'bot', scopes: [], tier: 4, required: ['trigger_id', 'view'], optional: [] } as const;

export const viewMethods: Readonly<Record<string, Method>> = {
  'views.open': {
    ...opening,
    run: ({ args, world }) => {
      const content = readView(world, args.json('view', 'invalid_arguments'), 'modal');
      refuseTaken(world, content, undefined);
      return { view: apiView(world, world.views.open(exchange(world, args), content)) };
    },
  },
  'views.push': {
    ...opening,
    run: ({ args, world }) => {
      const content = readView(world, args.json('view', 'invalid_arguments'), 'modal');
      refuseTaken(world, content, undefined);
      const pushed = world.views.push(exchange(world, args), content);
      if (typeof pushed === 'string') throw new Refusal(pushed);
      return { view: apiView(world, pushed) };
    },
  },
  'views.update': {
    token: 'bot',
    scopes: [],
    tier: 4,
    required: ['view'],
    optional: ['external_id', 'hash', 'view_id'],
    run: ({ args, world }) => {
      const view = viewNamed(world, args);
      const content = readView(world, args.json('view', 'invalid_arguments'), view.content.type);
      refuseStale(view, args);
      refuseTaken(world, content, view);
      world.views.update(view, content);
      return { view: apiView(world, view) };
    },
  },
  'views.publish': {
    token: 'bot',
    scopes: [],
    tier: 4,
    required: ['user_id', 'view'],
    optional: ['hash'],
    run: publish,
  },
};

/** A checked view with ids for its blocks and actions. Throws what `checkView` throws. */
export function readView(world: World, value: unknown, type: 'modal' | 'home'): ViewContent {
  const content = checkView(value, type, (named) => fileNamed(world, named));
  return { ...content, blocks: storedBlocks(content.blocks, world.newId) };
}

/** Throws `duplicate_external_id` when another view has it. */
export function refuseTaken(world: World, { externalId }: ViewContent, own: StoredView | undefined): void {
  const taken = externalId === undefined ? undefined : world.views.withExternalId(externalId);
  if (taken !== undefined && taken !== own) throw new Refusal('duplicate_external_id');
}

function publish({ args, world }: Call) {
  const user = args.need('user_id');
  if (!world.workspace.people.some(({ id }) => id === user)) throw new Refusal('user_not_found');
  const content = readView(world, args.json('view', 'invalid_arguments'), 'home');
  const existing = world.views.home(user);
  if (existing !== undefined) refuseStale(existing, args);
  refuseTaken(world, content, existing);
  return { view: apiView(world, world.views.publish(user, content)) };
}

const refusals = {
  unknown: 'invalid_trigger_id',
  expired: 'expired_trigger_id',
  used: 'exchanged_trigger_id',
} as const;

/** Whose trigger it is. A view that was refused leaves it unused. */
function exchange(world: World, args: Args): string {
  const use = world.triggers.use(args.need('trigger_id'));
  if (!use.ok) throw new Refusal(refusals[use.reason]);
  return use.value.user;
}

function viewNamed(world: World, args: Args): StoredView {
  const id = args.text('view_id');
  const externalId = args.text('external_id');
  if (id === undefined && externalId === undefined) {
    throw Refusal.because('invalid_arguments', ['missing required field: view_id']);
  }
  const view = id === undefined ? world.views.withExternalId(externalId ?? '') : world.views.find(id);
  if (view === undefined) throw new Refusal('not_found');
  return view;
}

function refuseStale(view: StoredView, args: Args): void {
  const hash = args.text('hash');
  if (hash !== undefined && hash !== '' && hash !== view.hash) throw new Refusal('hash_conflict');
}
