import type { types } from '@slack/bolt';

/**
 * Slack's limits that our messages meet, in characters. Three are ours: `total`, because Slack's is undocumented, and
 * `field` and `context` (2000 and 3000 at Slack), so that facts leave room for sentences.
 */
export const limits = {
  section: 3000,
  field: 300,
  fields: 10,
  context: 1000,
  contextParts: 10,
  buttonText: 75,
  buttonValue: 2000,
  blockId: 255,
  url: 3000,
  optionText: 75,
  optionValue: 150,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  blocks: 50,
  text: 4000,
  total: 8500,
} as const;

/**
 * Cuts at `max` characters, the last one being `…`; splits neither an escape nor a mention or link nor a surrogate pair.
 * In plain text `<` may stand for itself.
 */
export function fit(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text
    .slice(0, max - 1)
    .replace(/&[a-z]{0,4}$/, '')
    .replace(/<(?:[@!][^<>]*|h|ht|htt|http[^<>]*)?$/, '')
    .replace(/[\ud800-\udbff]$/, '');
  return `${cut}…`;
}

/** Shortens the longest texts until the message as a whole is within Slack's undocumented limit. */
export function fitBlocks(blocks: readonly types.KnownBlock[], max: number = limits.total): types.KnownBlock[] {
  const fitted = blocks.slice(0, limits.blocks);
  let excess = fitted.reduce((sum, block) => sum + textLength(block), 0) - max;
  while (excess > 0) {
    const longest = fitted.reduce((best, block, at) => (textLength(block) > textLength(fitted[best]) ? at : best), 0);
    const before = fitted[longest];
    if (before === undefined) break;
    const after = shortened(before, Math.max(1, textLength(before) - excess));
    const gained = textLength(before) - textLength(after);
    if (gained <= 0) break;
    fitted[longest] = after;
    excess -= gained;
  }
  return fitted;
}

/** Characters of text in a block, as far as our blocks have any. */
export function textLength(block: types.KnownBlock | undefined): number {
  if (block === undefined) return 0;
  if (block.type === 'section') {
    return (block.text?.text.length ?? 0) + (block.fields ?? []).reduce((sum, field) => sum + field.text.length, 0);
  }
  if (block.type === 'context') {
    return block.elements.reduce((sum, element) => sum + ('text' in element ? element.text.length : 0), 0);
  }
  return block.type === 'rich_text' ? preformatted(block).length : 0;
}

function shortened(block: types.KnownBlock, max: number): types.KnownBlock {
  if (block.type === 'section' && block.text) {
    return { ...block, text: { ...block.text, text: fit(block.text.text, max) } };
  }
  return block.type === 'rich_text' ? preBlock(fit(preformatted(block), max)) : block;
}

/** A block of preformatted text; nothing in it is formatted or linked, whatever it holds. */
export function preBlock(text: string): types.RichTextBlock {
  return {
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: text === '' ? ' ' : text }] }],
  };
}

function preformatted(block: types.RichTextBlock): string {
  return block.elements
    .flatMap((part) => (part.type === 'rich_text_preformatted' ? part.elements : []))
    .map((element) => (element.type === 'text' ? element.text : ''))
    .join('');
}
