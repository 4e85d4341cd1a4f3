import type { types } from '@slack/bolt';
import { fit, limits } from './fit.ts';

/** `mrkdwn` must be escaped already. `verbatim` keeps Slack from linking addresses and channel names in it. */
export function section(mrkdwn: string, accessory?: types.Overflow | types.Button): types.SectionBlock {
  const text = { type: 'mrkdwn' as const, text: fit(mrkdwn, limits.section), verbatim: true };
  return accessory === undefined ? { type: 'section', text } : { type: 'section', text, accessory };
}

/** Fields in two columns, each a bold name above its value; values must be escaped already. */
export function fieldSection(fields: readonly (readonly [name: string, mrkdwn: string])[]): types.SectionBlock {
  return {
    type: 'section',
    fields: fields.slice(0, limits.fields).map(([name, mrkdwn]) => ({
      type: 'mrkdwn',
      text: fit(`*${name}*\n${mrkdwn}`, limits.field),
      verbatim: true,
    })),
  };
}

/** One line of small print, of one part or several; must be escaped already. */
export function context(...mrkdwn: readonly string[]): types.ContextBlock {
  const parts = mrkdwn.slice(0, limits.contextParts).map((text) => fit(text, limits.context));
  return { type: 'context', elements: parts.map((text) => ({ type: 'mrkdwn', text, verbatim: true })) };
}

/** The mrkdwn of our own making as text for notifications and screen readers: no stars, no emoji. */
export function withoutFormat(mrkdwn: string): string {
  return mrkdwn.replaceAll('*', '').replaceAll(/:[a-z_]+: ?/g, '');
}
