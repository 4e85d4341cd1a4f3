import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Message } from '../../sandbox/slack/message-store.ts';
import type { World } from '../../sandbox/world.ts';
import { startSystem } from '../system.ts';
import type { System } from '../system.ts';
import { click, personNamed } from './people.ts';
import { allWords, threadAbout, threadsOf, toldTo } from './threads.ts';
import { addVictim } from './victims.ts';
import { eventually } from '../eventually.ts';
import { skipUnlessLongIsWanted } from '../long.ts';

skipUnlessLongIsWanted();

const count = 40;
/** As in production: one message a second, and Slack's own limits. */
const real = {
  settings: { OOMKEEPER_STORM_AFTER: '5' },
  timing: { postEveryMs: 1_000, explainAgainMs: 30_000 },
  world: { slack: { limits: 'slack' as const } },
};

// At the same time: most of it is waiting.
describe.concurrent('a storm', () => {
  test('of 40 workloads that are killed on one node is one root that says so, with a line for each', async ({
    onTestFinished,
  }) => {
    const system = await startSystem(real);
    onTestFinished(system.stop);
    const { world } = system;

    const names = beginStorm(world);

    await eventually(() => expect(accountedFor(world)).toEqual(names));
    await eventually(() => expect(countsIn(stormRoot(world))).toEqual(listedIn(world).length));
    const root = stormRoot(world);
    const listed = listedIn(world);
    expect(threadsOf(world).length).toBeLessThanOrEqual(6);
    expect(threadsOf(world).length + listed.length).toBe(count);
    expect(root.text).toMatch(new RegExp(`\\d+ of ${listed.length} on node pool-b-1`));
    expect(root.text).toContain('Worst (5 of');
    expectNoneRefused(world);
    expect(system.complaints).toEqual([]);

    const line = listed.at(-1);
    if (line === undefined) throw new Error('nothing is listed');
    const page = pagesOf(world).find((message) => allWords(message).includes(line.incident));
    if (page === undefined) throw new Error('its line is nowhere');
    const amira = personNamed(world, 'amira');
    const value = buttonValueOf(page, line.incident);
    await click(world, threadLike(page), { user: amira, actionId: 'open-listed', value });

    await eventually(() => expect(threadAbout(world, line.name).verdict).not.toBe(''));
    await eventually(() => {
      const words = allWords(pagesOf(world).find(({ ts }) => ts === page.ts) ?? page);
      expect(words).toContain(`/p${threadAbout(world, line.name).ts.replace('.', '')}|its own thread`);
    });
    await eventually(() => expect(threadAbout(world, line.name).replies.length).toBeGreaterThan(0));
    await eventually(() =>
      expect(toldTo(world, amira).map(({ text }) => text)).toEqual([expect.stringContaining('thread of its own')]),
    );
    expectNoneRefused(world);
  });

  test('whose bot is killed as soon as Slack has its root has one root, and everything is accounted for once', async ({
    onTestFinished,
  }) => {
    const system = await startSystem(real);
    onTestFinished(system.stop);
    const { world } = system;
    const struck = atTheNextStormRoot(system);

    const names = beginStorm(world);

    await struck;
    await eventually(() => expect(accountedFor(world)).toEqual(names));
    await eventually(() => expect(countsIn(stormRoot(world))).toEqual(listedIn(world).length));
    expect(threadsOf(world).length + listedIn(world).length).toBe(count);
    expectNoneRefused(world);
  });
});

const metadataSchema = z.object({
  event_type: z.string(),
  event_payload: z.object({ incidents: z.number().optional() }),
});

/** Forty workloads that ask for too much at the same time, all but two of them on one node; their names. */
function beginStorm(world: World): readonly string[] {
  const names = Array.from({ length: count }, (_, at) => `storm-${String(at).padStart(2, '0')}`);
  for (const [at, name] of names.entries()) {
    addVictim(world, { name, kills: 1, node: at < 2 ? 'pool-a-1' : 'pool-b-1' });
  }
  return names;
}

/** Workloads that have a root or a line, each as often as it has one. */
function accountedFor(world: World): readonly string[] {
  const roots = threadsOf(world).map(({ subject }) => subject.split('/')[3] ?? '');
  return [...roots, ...listedIn(world).map(({ name }) => name)].toSorted();
}

function messagesOf(world: World, type: string): readonly Message[] {
  const { store } = world.slack;
  return store.channels().flatMap(({ id }) => {
    const roots = store.timeline(id).filter(({ deleted, threadTs }) => !deleted && threadTs === undefined);
    const all = roots.flatMap((root) => [root, ...store.replies(id, root.ts)]);
    return all.filter(({ metadata }) => metadataSchema.safeParse(metadata).data?.event_type === type);
  });
}

/** The one root of a storm. Throws when there is none, or more than one. */
function stormRoot(world: World): Message {
  const [root, ...others] = messagesOf(world, 'oomkeeper_storm');
  if (root === undefined || others.length > 0) throw new Error(`there are ${others.length} storms too many, or none`);
  return root;
}

function pagesOf(world: World): readonly Message[] {
  return messagesOf(world, 'oomkeeper_storm_page');
}

/** How many incidents a storm's root says that it has. */
function countsIn({ metadata }: Message): number | undefined {
  return metadataSchema.safeParse(metadata).data?.event_payload.incidents;
}

/** The lines of the storm's thread. */
function listedIn(world: World): readonly { readonly name: string; readonly incident: string }[] {
  return pagesOf(world).flatMap(({ text }) =>
    [...text.matchAll(/^(\S+) \(app\) .*?(INC-[0-9A-Z]+)/gm)].map(([, name = '', incident = '']) => ({
      name,
      incident,
    })),
  );
}

function buttonValueOf(page: Message, incident: string): string {
  const menuSchema = z.object({ options: z.array(z.object({ value: z.string() })) });
  const options = page.blocks.flatMap(({ accessory }) => menuSchema.safeParse(accessory).data?.options ?? []);
  return options.find(({ value }) => value.includes(incident))?.value ?? '';
}

function threadLike(message: Message) {
  return { ...message, root: message, incident: '', subject: '', kills: 0, verdict: '', replies: [] };
}

/** Slack has asked for fewer calls not once, and has taken every message about the storm as it was. */
function expectNoneRefused(world: World): void {
  const refused = world.slack
    .requestLog()
    .filter(({ kind, ok, error, body }) => {
      const isOurs = error === 'ratelimited' || JSON.stringify(body ?? null).includes('oomkeeper_storm');
      return kind === 'api' && !ok && isOurs;
    })
    .map(({ method, error }) => `${method}: ${error}`);
  expect(refused).toEqual([]);
}

/** Ends the bot when Slack has accepted a storm's root and has not answered yet. NOTE: in the middle of its work. */
function atTheNextStormRoot({ world, crash }: System): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = world.slack.control.subscribe(() => {
      if (messagesOf(world, 'oomkeeper_storm').length === 0) return;
      stop();
      crash('bot').then(resolve, reject);
    });
  });
}
