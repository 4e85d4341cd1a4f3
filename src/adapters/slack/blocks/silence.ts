import type { types } from '@slack/bolt';
import type { Incident } from '../../../core/incident/incident.ts';
import type { Notice } from '../../../core/talk/what-happened.ts';
import { clockTime } from '../../../core/talk/words.ts';
import { dayMs, hourMs } from '../../../core/units/duration.ts';
import { type ButtonValue, decodeButtonValue, encodeButtonValue } from './button-value.ts';
import { context, section } from './elements.ts';
import { escapeLine, withPeople } from './escape.ts';

/** Silences that can be asked for from the menu: the word in the option, its text, its scope and length (ms). */
export const silences = [
  { word: 'sn1', text: 'Snooze for 1 h', scope: 'incident', forMs: hourMs },
  { word: 'sn8', text: 'Snooze for 8 h', scope: 'incident', forMs: 8 * hourMs },
  { word: 'ign', text: 'Ignore this workload for 7 d', scope: 'workload', forMs: 7 * dayMs },
  { word: 'loud', text: 'End the silence', scope: 'incident', forMs: 0 },
] as const;
export type SilenceOption = (typeof silences)[number];

/** Names of the dialog and of the input in it; the input's block and action have the same. */
export const silenceView = 'silence';
export const reasonInput = 'reason';
const longestReason = 200;

/** What a menu's option, or the dialog that it opened, is about. */
export interface OptionValue {
  readonly word: string;
  readonly value: string;
}

export function readOption(option: string): OptionValue {
  const at = option.indexOf('|');
  return at === -1 ? { word: '', value: option } : { word: option.slice(0, at), value: option.slice(at + 1) };
}

/** The silence that an open dialog asks for; null if it is of another version. */
export function readSilenceDialog(metadata: string): { option: SilenceOption; about: ButtonValue } | null {
  const { word, value } = readOption(metadata);
  const option = silences.find((one) => one.word === word);
  const about = decodeButtonValue(value);
  return option === undefined || about === null ? null : { option, about };
}

/** Shown at once, before the store has answered, because a trigger expires after 3 s. */
export function renderSilenceOpening(option: SilenceOption, about: ButtonValue): types.ModalView {
  return { ...frame(option, about), blocks: [section('One moment …')] };
}

/** Says in the open dialog why there is nothing to silence. */
export function renderNothingToSilence(
  option: SilenceOption,
  about: ButtonValue,
  { text, people }: Notice,
): types.ModalView {
  return { ...frame(option, about), blocks: [section(withPeople(text, people))] };
}

/** Asks before a silence: what is not posted any more, for whom, and until when. `now` is ms UTC. */
export function renderSilence(
  option: SilenceOption,
  about: ButtonValue,
  { id, subject }: Incident,
  now: number,
): types.ModalView {
  const place = [subject.cluster, subject.namespace].filter((part) => part !== null).join('/');
  const workload = `*${escapeLine(subject.workload.name)}* (${escapeLine(place)})`;
  const until = clockTime(now + option.forMs, now);
  const what =
    option.scope === 'incident'
      ? `Nothing new about ${id}, ${workload}, is posted until ${until}: no evidence and no reminders.`
      : `Nothing about ${workload} is posted until ${until}, and new incidents of it open no thread.`;
  return {
    ...frame(option, about),
    submit: plain(option.scope === 'incident' ? 'Snooze' : 'Ignore'),
    blocks: [
      section(`${what} This is for everybody here, not only for you.`),
      {
        type: 'input',
        block_id: reasonInput,
        optional: true,
        label: plain('Why (shown in the thread)'),
        element: { type: 'plain_text_input', action_id: reasonInput, max_length: longestReason },
      },
      context('Kills are still counted and explained; /oom list and /oom why show them. The menu ends it at any time.'),
    ],
  };
}

function frame(option: SilenceOption, about: ButtonValue): Omit<types.ModalView, 'blocks'> {
  return {
    type: 'modal',
    callback_id: silenceView,
    title: plain(option.scope === 'incident' ? option.text : 'Ignore this workload'),
    close: plain('Cancel'),
    private_metadata: `${option.word}|${encodeButtonValue(about)}`,
  };
}

function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text, emoji: false };
}
