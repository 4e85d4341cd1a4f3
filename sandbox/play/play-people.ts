import { isObject, objectOf, objectsOf, textOf } from '../kubernetes/objects/json-value.ts';
import type { JsonObject } from '../kubernetes/objects/object-store.ts';
import { lookUntil, type Patience } from './look-until.ts';
import type { PersonStep, Scenario } from '../scenario/scenario.ts';
import {
  submitValues,
  type ClickRequest,
  type MessageView,
  type SlackHands,
  type SlackView,
  type Submitted,
} from './slack-hands.ts';
import { personCalled } from '../workspace-people.ts';

/** A step that a person could not do, in a sentence. */
export class StepError extends Error {}

/** What a submission is answered with while there is no modal, or none with a button yet. */
const notYet = new Set(['view_not_found', 'nothing_to_submit']);

/**
 * One step of a person. A click waits until the thread of the scenario's workload shows the button. Throws StepError.
 */
export async function doStep(
  slack: SlackHands,
  scenario: Scenario,
  step: PersonStep,
  patience: Patience,
): Promise<void> {
  switch (step.do) {
    case 'command':
      await command(slack, step);
      return;
    case 'click':
      await click(slack, scenario, step, patience);
      return;
    case 'submit':
      await submit(slack, step, patience);
  }
}

async function command(slack: SlackHands, step: PersonStep): Promise<void> {
  const view = await slack.look();
  const channel = view.channels.find(({ messages }) => messages.length > 0) ?? view.channels[0];
  if (channel === undefined) throw new StepError('command: there is no channel');
  const text = /^\/oom\b/.test(step.what) ? step.what : `/oom ${step.what.replace(/^oom\s+/, '')}`;
  const { ok, error } = await slack.command({ user: userOf(view, step), channel: channel.id, text });
  if (!ok) throw new StepError(`command "${step.what}": ${error ?? 'not answered'}`);
}

/** Waits until the person has a modal open, fills it in and sends it off. */
async function submit(slack: SlackHands, step: PersonStep, patience: Patience): Promise<void> {
  const values = submitValues(step.what);
  if (values === null) throw new StepError(`submit "${step.what}": write it as input=value`);
  const user = userOf(await slack.look(), step);
  let answer: Submitted | undefined;
  await lookUntil(async () => {
    answer = await slack.submit({ user, values });
    // A modal may still be on its way, or show that it is being made; whatever else is said will be said again.
    return answer.ok || !notYet.has(answer.error);
  }, patience);
  if (answer === undefined || answer.ok) return;
  const beside = Object.values(answer.errors ?? {}).join('; ');
  throw new StepError(`submit "${step.what}" was answered with ${answer.error}${beside === '' ? '' : `: ${beside}`}`);
}

async function click(slack: SlackHands, scenario: Scenario, step: PersonStep, patience: Patience): Promise<void> {
  let seen = 'no thread of this workload';
  const clicked = await lookUntil(async () => {
    const view = await slack.look();
    const found = findButton(view, scenario, step.what);
    if (found.request !== undefined) {
      const { ok, error } = await slack.click({ ...found.request, user: userOf(view, step) });
      if (ok) return true;
      seen = `the click was answered with ${error ?? 'an error'}`;
    } else if (found.buttons !== undefined) {
      seen = `the buttons were [${found.buttons.join(', ')}]`;
    }
    return false;
  }, patience);
  if (!clicked) throw new StepError(`${step.user} found no button "${step.what}" within ${patience.ms} ms: ${seen}`);
}

function userOf(view: SlackView, { user }: PersonStep): string {
  const found = personCalled(view.users, user);
  if (found === undefined) throw new StepError(`nobody in the workspace is ${user}`);
  return found;
}

interface Found {
  readonly request?: Omit<ClickRequest, 'user'>;
  /** Action ids that were there instead; undefined without a thread. */
  readonly buttons?: readonly string[];
}

/** The first button with this text or action id in the threads about the scenario's workload. */
export function findButton(view: SlackView, scenario: Scenario, what: string): Found {
  const buttons: string[] = [];
  let threads = 0;
  for (const channel of view.channels) {
    for (const root of channel.messages.filter((message) => isAbout(message, scenario))) {
      threads += 1;
      for (const message of [root, ...root.replies]) {
        for (const { element, blockId } of elementsOf(message)) {
          const actionId = textOf(element['action_id']) ?? '';
          buttons.push(actionId);
          const value = element['type'] === 'overflow' ? optionOf(element, what) : undefined;
          if (value === undefined && (element['type'] !== 'button' || !answersTo(element, what))) continue;
          const request = { channel: channel.id, ts: message.ts, action_id: actionId };
          return {
            request: {
              ...request,
              ...(blockId === undefined ? {} : { block_id: blockId }),
              ...(value === undefined ? {} : { value }),
            },
          };
        }
      }
    }
  }
  return threads === 0 ? {} : { buttons };
}

function isAbout(message: MessageView, { workload }: Scenario): boolean {
  if (message.deleted) return false;
  const { kind, name, namespace } = workload;
  const subject = textOf(objectOf(objectOf(message.metadata)['event_payload'])['subject']);
  if (subject !== undefined) return subject.includes(`/${namespace}/${kind}/${name}/`);
  const words = `${message.text} ${JSON.stringify(message.blocks)}`;
  return words.includes(name) && words.includes(namespace);
}

function elementsOf(message: MessageView): { element: JsonObject; blockId: string | undefined }[] {
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
