import { isObject, objectOf, objectsOf, textOf } from '../kubernetes/objects/json-value.ts';
import type { JsonObject } from '../kubernetes/objects/object-store.ts';
import type { PersonStep, Scenario } from '../scenario/scenario.ts';
import { personCalled } from '../scenario/scenario-policy.ts';
import { targetOf } from '../scenario/scenario-workload.ts';
import type { ClickRequest } from '../slack/people/interactions.ts';
import type { Message } from '../slack/message-store.ts';
import type { Slack } from '../slack/start-slack.ts';
import { lookUntil, StepError, type Patience } from './look-until.ts';
import { isAbout, threadMessages, threadRoots } from './threads.ts';

/** What a submission is answered with while there is no modal, or none with a button yet. */
const notYet = new Set(['view_not_found', 'nothing_to_submit']);

/**
 * One step of a person. A click waits until the thread of the scenario's workload shows the button. Throws StepError.
 */
export async function doStep(slack: Slack, scenario: Scenario, step: PersonStep, patience: Patience): Promise<void> {
  const user = personCalled(slack.workspace.people, step.user);
  if (user === undefined) throw new StepError(`nobody in the workspace is ${step.user}`);
  switch (step.do) {
    case 'command':
      await command(slack, user, step.what);
      return;
    case 'click':
      await click(slack, user, scenario, step, patience);
      return;
    case 'submit':
      await submit(slack, user, step.what, patience);
  }
}

async function command({ control, store }: Slack, user: string, what: string): Promise<void> {
  const channels = store.channels();
  const channel = channels.find(({ id }) => store.timeline(id).length > 0) ?? channels[0];
  if (channel === undefined) throw new StepError('command: there is no channel');
  const text = /^\/oom\b/.test(what) ? what : `/oom ${what.replace(/^oom\s+/, '')}`;
  const answer = await control.command({ user, channel: channel.id, text });
  if (!answer.ok) throw new StepError(`command "${what}": ${answer.error}`);
}

/** Waits until the person has a modal open, fills it in and sends it off. */
async function submit({ control }: Slack, user: string, what: string, patience: Patience): Promise<void> {
  const values = submitValues(what);
  if (values === null) throw new StepError(`submit "${what}": write it as input=value`);
  let trouble: string | null = null;
  await lookUntil(async () => {
    const answer = await control.viewSubmit({ user, values });
    const beside = answer.ok ? (answer.became.action === 'errors' ? answer.became.errors : null) : answer.errors;
    const error = answer.ok ? 'refused' : answer.error;
    trouble = answer.ok && beside === null ? null : [error, ...Object.values(beside ?? {})].join(': ');
    // A modal may still be on its way, or show that it is being made; whatever else is said will be said again.
    return answer.ok || !notYet.has(error);
  }, patience);
  if (trouble !== null) throw new StepError(`submit "${what}" was answered with ${String(trouble)}`);
}

/**
 * The values of a `do: submit` step: `limit=192Mi`, several with `;` between them, '' for none. Null when it is not so.
 */
export function submitValues(what: string): Readonly<Record<string, string>> | null {
  const parts = what.split(';').map((part) => part.trim());
  const pairs = parts.filter((part) => part !== '').map((part) => /^([^=\s]+)\s*=\s*(.*)$/.exec(part));
  const known = pairs.flatMap((pair) => (pair?.[1] === undefined ? [] : [[pair[1], pair[2] ?? ''] as const]));
  return known.length < pairs.length ? null : Object.fromEntries(known);
}

async function click(
  slack: Slack,
  user: string,
  scenario: Scenario,
  { user: called, what }: PersonStep,
  patience: Patience,
): Promise<void> {
  let seen = 'no thread of this workload';
  const clicked = await lookUntil(async () => {
    const found = findButton(slack, scenario, what);
    if (found.request !== undefined) {
      const answer = await slack.control.click({ ...found.request, user });
      if (answer.ok) return true;
      seen = `the click was answered with ${answer.error}`;
    } else if (found.buttons !== undefined) {
      seen = `the buttons were [${found.buttons.join(', ')}]`;
    }
    return false;
  }, patience);
  if (!clicked) throw new StepError(`${called} found no button "${what}" within ${patience.ms} ms: ${seen}`);
}

interface Found {
  readonly request?: Omit<ClickRequest, 'user'>;
  /** Action ids that were there instead; undefined without a thread. */
  readonly buttons?: readonly string[];
}

/** The first button with this text or action id in the threads about the scenario's workload. */
export function findButton(slack: Slack, scenario: Scenario, what: string): Found {
  const buttons: string[] = [];
  const roots = threadRoots(slack).filter((root) => isAbout(root, targetOf(scenario)));
  for (const message of roots.flatMap((root) => threadMessages(slack, root))) {
    for (const { element, blockId } of elementsOf(message)) {
      const actionId = textOf(element['action_id']) ?? '';
      buttons.push(actionId);
      const value = element['type'] === 'overflow' ? optionOf(element, what) : undefined;
      if (value === undefined && (element['type'] !== 'button' || !answersTo(element, what))) continue;
      return { request: { channel: message.channel, ts: message.ts, actionId, blockId, value } };
    }
  }
  return roots.length === 0 ? {} : { buttons };
}

function elementsOf(message: Message): { element: JsonObject; blockId: string | undefined }[] {
  return message.blocks.flatMap((block) =>
    [...objectsOf(block['elements']), ...(isObject(block['accessory']) ? [block['accessory']] : [])].map((element) => ({
      element,
      blockId: textOf(block['block_id']),
    })),
  );
}

/** The verbs of the buttons; what else a button says, a size for instance, changes. */
const verbs = ['apply', 'approve', 'reject', 'acknowledge', 'open', 'edit', 'roll', 'retry', 'escalate', 'snooze'];

/** `apply` and "Apply now" answer to the action ids `apply`, `apply_now` and `plan:apply`, and to "Apply 640Mi now". */
function answersTo(element: JsonObject, what: string): boolean {
  const wanted = what.toLowerCase();
  const [verb = ''] = wanted.split(/[^a-z]/);
  const actionId = (textOf(element['action_id']) ?? '').toLowerCase();
  const text = (textOf(objectOf(element['text'])['text']) ?? '').toLowerCase();
  const parts = actionId.split(/[_:.-]/);
  if (actionId.startsWith(wanted) || text.startsWith(wanted)) return true;
  return parts.includes(wanted) || (verbs.includes(verb) && parts.includes(verb));
}

function optionOf(menu: JsonObject, what: string): string | undefined {
  const wanted = what.toLowerCase();
  const option = objectsOf(menu['options']).find((each) => {
    const text = (textOf(objectOf(each['text'])['text']) ?? '').toLowerCase();
    return (
      text.startsWith(wanted) ||
      (textOf(each['value']) ?? '')
        .toLowerCase()
        .split(/[_:.-]/)
        .includes(wanted)
    );
  });
  return textOf(option?.['value']);
}
