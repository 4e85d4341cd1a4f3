import type { types } from '@slack/bolt';
import { type ButtonValue, encodeButtonValue } from './button-value.ts';
import { section } from './elements.ts';
import { fit, limits } from './fit.ts';

/** Names of the dialog and of the input in it; the input's block and action have the same. */
export const rejectView = 'reject-plan';
export const reasonInput = 'reason';
const longestReason = 300;

/** Asks why, which may stay empty; submitting it rejects. */
export function renderReject(about: ButtonValue): types.ModalView {
  return {
    type: 'modal',
    callback_id: rejectView,
    title: plain('Reject'),
    submit: plain('Reject'),
    close: plain('Cancel'),
    private_metadata: encodeButtonValue(about),
    blocks: [
      section(`Rejects ${about.plan ?? 'it'}. Nothing is changed in the cluster. What can be done stays on offer.`),
      {
        type: 'input',
        block_id: reasonInput,
        optional: true,
        label: plain('Why? Shown in the thread'),
        element: { type: 'plain_text_input', action_id: reasonInput, max_length: longestReason },
      },
    ],
  };
}

function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text: fit(text, limits.buttonText), emoji: false };
}
