import type { types } from '@slack/bolt';
import type { Loaded } from '../../../core/incident/incident.ts';
import { judgeValue } from '../../../core/recommend/judge-value.ts';
import type { ValueBounds } from '../../../core/recommend/judge-value.ts';
import type { Notice } from '../../../core/talk/what-happened.ts';
import { formatBytes } from '../../../core/units/quantity.ts';
import { type ButtonValue, encodeButtonValue } from './button-value.ts';
import { context, section } from './elements.ts';
import { escapeLine, plainText, withPeople } from './escape.ts';
import { fit, limits } from './fit.ts';

/** Names of the dialog and of the input in it; the input's block and action have the same. */
export const editView = 'edit-value';
export const limitInput = 'limit';
const longestValue = 60;

/** Shown at once, before the store has answered, because a trigger expires after 3 s. */
export function renderOpening(about: ButtonValue): types.ModalView {
  return { ...frame(about), blocks: [section('Looking at what would fit…')] };
}

/** Says in the open dialog why nothing can be edited. */
export function renderNothingToEdit(about: ButtonValue, { text, people }: Notice): types.ModalView {
  return { ...frame(about), blocks: [section(withPeople(text, people))] };
}

/** The dialog with a value and what that value would mean. `typed` is not trusted. */
export function renderEditValue(
  about: ButtonValue,
  { incident }: Loaded,
  bounds: ValueBounds,
  typed: string,
): types.ModalView {
  const { container, workload, namespace, cluster } = incident.subject;
  const whose = `*${escapeLine(container ?? '')}* of ${escapeLine(`${workload.kind} ${namespace ?? '-'}/${workload.name} in ${cluster}`)}`;
  const now = bounds.fromLimitBytes === null ? 'no limit now' : `limit now ${formatBytes(bounds.fromLimitBytes)}`;
  const advice = bounds.recommendedBytes === null ? '' : `, recommended ${formatBytes(bounds.recommendedBytes)}`;
  return {
    ...frame(about),
    submit: plain('Apply'),
    blocks: [
      section(`${whose}: ${now}${advice}.`),
      {
        type: 'input',
        block_id: limitInput,
        dispatch_action: true,
        label: plain('Memory limit (the request follows it)'),
        hint: plain('A size such as 512Mi or 1.5Gi.'),
        element: {
          type: 'plain_text_input',
          action_id: limitInput,
          ...(typed === '' ? {} : { initial_value: fit(plainText(typed), longestValue) }),
          max_length: longestValue,
          dispatch_action_config: { trigger_actions_on: ['on_character_entered'] },
        },
      },
      section(meaningLine(typed, bounds)),
      context(
        incident.mode === 'observe'
          ? 'Oomkeeper is observe-only in this cluster: whatever you choose, nothing will be changed.'
          : 'If you are an approver this applies it now; otherwise it sends a request.',
      ),
    ],
  };
}

function meaningLine(typed: string, bounds: ValueBounds): string {
  const judged = judgeValue(typed, bounds);
  if (!judged.ok) return `:warning: ${escapeLine(judged.text)}`;
  // It names the size, because the person may have typed on.
  const size = formatBytes(judged.limitBytes);
  const lines = judged.meaning.map((line) => `• ${escapeLine(line)}`);
  return [`What ${size} would mean:`, ...lines].join('\n');
}

function frame(about: ButtonValue): Omit<types.ModalView, 'blocks'> {
  return {
    type: 'modal',
    callback_id: editView,
    title: plain('Edit value'),
    close: plain('Cancel'),
    private_metadata: encodeButtonValue(about),
  };
}

function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text: fit(text, limits.buttonText), emoji: false };
}
