import type { types } from '@slack/bolt';

/** Everything in a message that Slack would refuse (its published limits), as sentences. */
export function problemsOf({ text, blocks }: { text: string; blocks: readonly types.KnownBlock[] }): string[] {
  const problems: string[] = [];
  const check = (what: string, value: string | undefined, max: number) => {
    if (value === undefined || value.length < 1 || value.length > max)
      problems.push(`${what}: ${value?.length ?? 'none'}`);
  };
  let total = 0;
  const button = ({ text: label, value, action_id, confirm }: types.Button) => {
    check('button text', label.text, 75);
    check('button value', value, 2000);
    check('action_id', action_id, 255);
    if (confirm === undefined) return;
    check('confirm title', confirm.title?.text, 100);
    check('confirm text', confirm.text.text, 300);
    check('confirm', confirm.confirm?.text, 30);
    check('deny', confirm.deny?.text, 30);
  };
  check('text', text, 40_000);
  if (blocks.length > 50) problems.push(`${blocks.length} blocks`);
  if (blocks.filter(({ type }) => type === 'table').length > 1) problems.push('more than one table');
  for (const block of blocks) {
    if (block.type === 'section') {
      if (block.text) check('section', block.text.text, 3000);
      total += block.text?.text.length ?? 0;
      if ((block.fields?.length ?? 0) > 10) problems.push('too many fields');
      for (const field of block.fields ?? []) {
        check('field', field.text, 2000);
        total += field.text.length;
      }
      if (block.accessory?.type === 'overflow' || block.accessory?.type === 'static_select') {
        if (block.accessory.options && block.accessory.options.length > 100) problems.push('too many options');
        for (const option of block.accessory.options ?? []) {
          check('option text', option.text.text, 75);
          check('option value', option.value, 150);
        }
      }
    } else if (block.type === 'context') {
      for (const element of block.elements) {
        if (!('text' in element)) continue;
        check('context', element.text, 3000);
        total += element.text.length;
      }
    } else if (block.type === 'actions') {
      if (block.elements.length > 25) problems.push('too many elements');
      for (const element of block.elements) if (element.type === 'button') button(element);
    } else if (block.type === 'table') {
      const cells = block.rows.flat();
      if (block.rows.length > 100) problems.push(`${block.rows.length} rows`);
      if (block.rows.some((row) => row.length > 20 || row.length < 1)) problems.push('too many columns');
      if ((block.column_settings?.length ?? 0) > 20) problems.push('too many column settings');
      for (const cell of cells) if (cell.type === 'raw_text') check('cell', cell.text, 2000);
      if (JSON.stringify(cells).length > 10_000 + cells.length * 40) problems.push('table too long');
    } else if (block.type === 'rich_text') {
      total += JSON.stringify(block).length;
    } else {
      problems.push(`unexpected block ${block.type}`);
    }
  }
  if (total >= 9000) problems.push(`total text ${total}`);
  return problems;
}
