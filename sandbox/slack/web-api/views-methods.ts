import { storedBlocks } from '../blocks/check-blocks.ts';
import { type Call, type Method } from './method.ts';
import { Refusal } from '../refusal.ts';
import { apiView } from '../views/api-view.ts';
import { checkView, type ViewContent, type ViewType } from '../views/check-view.ts';

const refusals = {
  unknown: 'invalid_trigger_id',
  expired: 'expired_trigger_id',
  used: 'exchanged_trigger_id',
} as const;

export const viewMethods: Readonly<Record<string, Method>> = {
  'views.open': {
    token: 'bot',
    scopes: [],
    tier: 4,
    required: ['trigger_id', 'view'],
    optional: [],
    run: (call) => {
      const { args, world } = call;
      const content = readView(call, 'modal');
      // NOTE: a view that was refused leaves the trigger unused.
      const use = world.triggers.use(args.need('trigger_id'));
      if (!use.ok) throw new Refusal(refusals[use.reason]);
      return { view: apiView(world, world.views.open(use.value.user, content)) };
    },
  },
  'views.update': {
    token: 'bot',
    scopes: [],
    tier: 4,
    required: ['view', 'view_id'],
    optional: ['hash'],
    run: (call) => {
      const { args, world } = call;
      const view = world.views.find(args.need('view_id'));
      if (view === undefined) throw new Refusal('not_found');
      const content = readView(call, 'modal');
      const hash = args.text('hash') ?? '';
      if (hash !== '' && hash !== view.hash) throw new Refusal('hash_conflict');
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
    run: (call) => {
      const { args, world } = call;
      if (!world.workspace.homeTab) throw new Refusal('not_enabled');
      const user = world.workspace.people.find(({ id }) => id === args.need('user_id'));
      if (user === undefined) throw new Refusal('user_not_found');
      const content = readView(call, 'home');
      const hash = args.text('hash') ?? '';
      if (hash !== '' && hash !== world.views.homeOf(user.id)?.hash) throw new Refusal('hash_conflict');
      return { view: apiView(world, world.views.publish(user.id, content)) };
    },
  },
};

/** A checked view with ids for its blocks and actions. Throws what `checkView` throws. */
function readView({ args, world }: Call, type: ViewType): ViewContent {
  const content = checkView(args.json('view', 'invalid_arguments'), type);
  return { ...content, blocks: storedBlocks(content.blocks, world.newId) };
}
