import type { Args } from './args.ts';
import { checkBlocks, storedBlocks } from './blocks/check-blocks.ts';
import { isObject, type JsonObject } from './json.ts';
import { fileNamed, type World } from './method.ts';
import { Refusal } from './refusal.ts';

/** What a caller wants a message to say; undefined = the caller did not speak of it. */
export interface WantedContent {
  readonly text: string | undefined;
  readonly blocks: readonly JsonObject[] | undefined;
  readonly attachments: readonly JsonObject[] | undefined;
}

const mostAttachments = 100;
const longestMetadata = 16_000;

/** Longest `text` that Slack keeps of a new message; the rest is cut without a word. */
export const longestText = 40_000;

/** Reads and checks text, blocks and attachments. Throws `invalid_blocks…`, `invalid_attachments`, `no_text`. */
export function readContent(args: Args, world: World): WantedContent {
  const blocks = args.json('blocks', 'invalid_blocks_format');
  const attachments = args.json('attachments', 'invalid_attachments');
  const content = {
    text: args.text('text'),
    blocks: blocks === undefined ? undefined : readBlocks(blocks, world),
    attachments: attachments === undefined ? undefined : checkAttachments(attachments),
  };
  const says =
    (content.text ?? '') !== '' || [content.blocks, content.attachments].some((part) => (part ?? []).length > 0);
  if (!says) throw new Refusal('no_text');
  return content;
}

/** Checked blocks as they are stored. Throws `invalid_blocks…`. */
export function readBlocks(value: unknown, world: World): readonly JsonObject[] {
  return storedBlocks(
    checkBlocks(value, (named) => fileNamed(world, named)),
    world.newId,
  );
}

/** Reads `metadata`; an empty object means "remove it". Throws `invalid_metadata_format`, `metadata_too_large`. */
export function readMetadata(args: Args): JsonObject | undefined {
  const metadata = args.json('metadata', 'invalid_metadata_format');
  if (metadata === undefined) return undefined;
  if (!isObject(metadata)) throw new Refusal('invalid_metadata_format');
  if (Object.keys(metadata).length === 0) return metadata;
  const { event_type: type, event_payload: payload } = metadata;
  if (typeof type !== 'string' || type === '' || !isObject(payload)) throw new Refusal('invalid_metadata_format');
  if (JSON.stringify(metadata).length > longestMetadata) throw new Refusal('metadata_too_large');
  return metadata;
}

function checkAttachments(value: unknown): readonly JsonObject[] {
  if (!Array.isArray(value) || !value.every(isObject)) throw new Refusal('invalid_attachments');
  if (value.length > mostAttachments) throw new Refusal('too_many_attachments');
  return value;
}
