import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { json } from 'node:stream/consumers';
import { z } from 'zod';
import type { World } from '../../sandbox/world.ts';

const listSchema = z.looseObject({ items: z.array(z.looseObject({})).min(1) });

/** A line as a watch of pods would write it about one that was killed: what the floor carries instead of ours. */
export async function podLine({ api }: World): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { ca: api.certificate, headers: { authorization: `Bearer ${api.adminToken}` } };
    get(`${api.url}/api/v1/namespaces/shop/pods`, options, resolve).on('error', reject);
  });
  const [pod] = listSchema.parse(await json(response)).items;
  return `${JSON.stringify({ type: 'MODIFIED', object: { kind: 'Pod', apiVersion: 'v1', ...pod } })}\n`;
}

/** The body of a message that was posted. */
export function messageBody({ slack }: World): string {
  const call = slack.requestLog().find(({ method, ok }) => method === 'chat.postMessage' && ok);
  if (call === undefined) throw new Error('no message was posted');
  return JSON.stringify(call.body);
}
