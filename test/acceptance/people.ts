import { z } from 'zod';
import type { World } from '../../sandbox/world.ts';
import type { ClickRequest } from '../../sandbox/slack/people/interactions.ts';
import type { Message } from '../../sandbox/slack/message-store.ts';
import { allWords, toldTo } from './threads.ts';
import type { Thread } from './threads.ts';
import { eventually } from '../eventually.ts';

const elementSchema = z.looseObject({
  type: z.string(),
  action_id: z.string(),
  value: z.string().optional(),
  text: z.looseObject({ text: z.string() }).optional(),
  options: z.array(z.looseObject({ value: z.string(), text: z.looseObject({ text: z.string() }) })).default([]),
});

/** Something in a message that can be clicked: a button, or one option of a menu. */
export interface Clickable {
  readonly actionId: string;
  readonly label: string;
  /** Of an option. */
  readonly value?: string;
}

/** Everything that can be clicked in a message. */
export function clickablesOf({ blocks }: Pick<Message, 'blocks'>): readonly Clickable[] {
  const candidates: readonly unknown[] = blocks.flatMap(({ elements, accessory }): readonly unknown[] => [
    ...(Array.isArray(elements) ? elements : []),
    ...(accessory === undefined ? [] : [accessory]),
  ]);
  return candidates.flatMap((candidate) => {
    const element = elementSchema.safeParse(candidate);
    if (!element.success) return [];
    const { type, action_id: actionId, options, text } = element.data;
    if (type === 'button') return [{ actionId, label: text?.text ?? '' }];
    return options.map((option) => ({ actionId, label: option.text.text, value: option.value }));
  });
}

/** The value of a button in a message: a click with it is on this rendering, whatever has replaced that since. */
export function buttonValueIn({ blocks }: Pick<Message, 'blocks'>, actionId: string): string {
  const elements = blocks.flatMap(({ elements: all }): readonly unknown[] => (Array.isArray(all) ? all : []));
  const found = elements.map((one) => elementSchema.safeParse(one).data).find((one) => one?.action_id === actionId);
  if (found?.value === undefined) throw new Error(`no button "${actionId}" that has a value`);
  return found.value;
}

/** A person's id by handle. */
export function personNamed({ slack }: World, name: string): string {
  const found = slack.workspace.people.find((person) => person.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found.id;
}

/** Clicks, as Slack delivers it. Throws when the app did not acknowledge it in time, or there is no such button. */
export async function click(
  world: World,
  thread: Thread,
  who: { readonly user: string } & Pick<ClickRequest, 'actionId' | 'value' | 'stale'>,
): Promise<void> {
  const answer = await world.slack.control.click({ channel: thread.channel, ts: thread.ts, ...who });
  if (!answer.ok) throw new Error(`the click on ${who.actionId} was answered with ${answer.error}`);
}

/** Rejects in the dialog that the button opens. */
export async function reject(world: World, thread: Thread, user: string, reason: string): Promise<void> {
  await click(world, thread, { user, actionId: 'reject' });
  await eventually(async () => {
    const answer = await world.slack.control.viewSubmit({ user, values: { reason } });
    if (!answer.ok) throw new Error(`the dialog was answered with ${answer.error}`);
  });
}

const homesSchema = z.array(
  z.object({
    user: z.string(),
    view: z.looseObject({ blocks: z.array(z.looseObject({ block_id: z.string() })) }),
  }),
);

/** What a person's Home tab shows; nothing where it was never published. */
export function homeOf(
  { slack }: World,
  user: string,
): { readonly words: string; readonly blockIds: readonly string[] } {
  const blocks = homesSchema.parse(slack.control.state()['homes']).find((one) => one.user === user)?.view.blocks ?? [];
  return { words: JSON.stringify(blocks), blockIds: blocks.map((block) => block.block_id) };
}

/** Types a slash command into the channel of the alerts and waits for what only this person is told; its words. */
export async function ask(world: World, user: string, text: string): Promise<string> {
  const before = toldTo(world, user).length;
  const answer = await world.slack.control.command({ user, channel: '#oom-alerts', text });
  if (!answer.ok) throw new Error(`${text} was answered with ${answer.error}`);
  return eventually(() => {
    const told = toldTo(world, user)[before];
    if (told === undefined || told.text.startsWith('Collecting…')) throw new Error(`${text} was not answered`);
    return allWords(told);
  });
}
