import type { Args } from './args.ts';
import { checkBlocks, storedBlocks } from '../blocks/check-blocks.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { World } from './method.ts';
import { Refusal } from '../refusal.ts';

/** What a caller wants a message to say; undefined = the caller did not speak of it. */
export interface WantedContent {
  readonly text: string | undefined;
  readonly blocks: readonly JsonObject[] | undefined;
}

const longestMetadata = 16_000;

/** Longest `text` that Slack keeps of a new message; the rest is cut without a word. */
export const longestText = 40_000;

/** Reads and checks text and blocks. Throws `invalid_blocks…`, `no_text`. */
export function readContent(args: Args, world: World): WantedContent {
  const blocks = args.json('blocks', 'invalid_blocks_format');
  const content = {
    text: args.text('text'),
    blocks: blocks === undefined ? undefined : storedBlocks(checkBlocks(blocks, world.files.find), world.newId),
  };
  if ((content.text ?? '') === '' && (content.blocks ?? []).length === 0) throw new Refusal('no_text');
  return content;
}

/** Reads `metadata`. Throws `invalid_metadata_format`, `metadata_too_large`. */
export function readMetadata(args: Args): JsonObject | undefined {
  const metadata = args.json('metadata', 'invalid_metadata_format');
  if (metadata === undefined) return undefined;
  if (!isObject(metadata)) throw new Refusal('invalid_metadata_format');
  const { event_type: type, event_payload: payload } = metadata;
  if (typeof type !== 'string' || type === '' || !isObject(payload)) throw new Refusal('invalid_metadata_format');
  if (JSON.stringify(metadata).length > longestMetadata) throw new Refusal('metadata_too_large');
  return metadata;
}
