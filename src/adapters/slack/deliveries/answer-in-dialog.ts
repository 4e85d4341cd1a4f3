import type { RespondFn, types, webApi } from '@slack/bolt';

/** What only one person sees, as a listener answers it. */
type Said = Parameters<RespondFn>[0];

/**
 * `respond` for a click that was made in no channel, such as one in the Home tab: a dialog. It has to be shown within
 * 3 s of the click.
 */
export function respondInDialog(triggerId: string, client: webApi.WebClient): RespondFn {
  return async (message) => {
    await client.views.open({ trigger_id: triggerId, view: dialogOf(message) });
    return Response.json({ ok: true });
  };
}

function dialogOf(message: Said): types.ModalView {
  const said = typeof message === 'string' ? { text: message } : message;
  const blocks = 'blocks' in said && Array.isArray(said.blocks) ? said.blocks : [];
  const text = { type: 'plain_text' as const, text: said.text ?? '', emoji: false };
  return {
    type: 'modal',
    title: { type: 'plain_text', text: 'Oomkeeper' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: blocks.length > 0 ? blocks : [{ type: 'section', text }],
  };
}
