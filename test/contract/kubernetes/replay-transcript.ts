import { differences } from './compare-exchange.ts';
import { isKubeObject, isRecord, partOf } from './kube-object.ts';
import { outlastWatch, send, startTestServer } from './start-server.ts';
import type { TestServer } from './start-server.ts';
import { seed, tokenFor, worldOf } from './transcript-worlds.ts';
import type { Exchange } from './transcript.ts';

export interface Replayed {
  readonly name: string;
  readonly differences: readonly string[];
}

/**
 * Sends the exchanges of one file in their order to a server whose world is seeded from them, and compares each answer.
 * Versions, uids and continue tokens that the real server gave out are exchanged for the simulator's.
 */
export async function replayTranscript(file: string, exchanges: readonly Exchange[]): Promise<readonly Replayed[]> {
  const world = worldOf(file, exchanges);
  const test = await startTestServer(world.seeds, world.options);
  test.store.advanceTo(world.version ?? 0);
  const known = new Map<string, string>();
  const results: Replayed[] = [];
  try {
    for (const exchange of exchanges) {
      if (/^(?:expired continue|old resourceVersion)/.test(exchange.name)) forget(test);
      results.push({ name: exchange.name, differences: await replayOne(test, file, exchange, known) });
    }
  } finally {
    await test.server.close();
  }
  return results;
}

async function replayOne(
  test: TestServer,
  file: string,
  exchange: Exchange,
  known: Map<string, string>,
): Promise<readonly string[]> {
  if (/with the current metadata.resourceVersion/.test(exchange.name)) await learnVersion(test, exchange, known);

  const { request, response } = exchange;
  const token = tokenFor(request.auth);
  const { body } = request;
  const text = typeof body === 'string' ? body : JSON.stringify(translated(body, known));
  const wanted = {
    method: request.method,
    path: translatePath(request.path, known),
    headers: request.headers,
    ...(token === undefined ? {} : { token }),
    ...(body === undefined ? {} : { body: text }),
  };
  const answering = send(test.server, wanted);
  if (response.lines !== undefined) await outlastWatch(test, answering, 80_000);
  const actual = await answering;
  if (file === 'resize' || file === 'watch') follow(test, exchange);
  if (actual.text.startsWith('{') && response.lines === undefined) learn(response.body, JSON.parse(actual.text), known);
  return differences(response, actual);
}

/** The version that a request names as the current one is the current one here, too. */
async function learnVersion({ server }: TestServer, { request }: Exchange, known: Map<string, string>): Promise<void> {
  const now: unknown = JSON.parse((await send(server, { path: request.path.split('?')[0] ?? '' })).text);
  learn(request.body, now, known);
}

/** What became of the object on the real server, kubelet and controllers included, is the next exchange's start. */
function follow({ store }: TestServer, { request, response }: Exchange): void {
  if (!isKubeObject(response.body) || request.path.includes('dryRun')) return;
  for (const { resource, object } of seed(response.body)) store.replay({ type: 'MODIFIED', resource, object });
}

/** Time has passed: something was written, and what was before is compacted away. */
function forget({ store }: TestServer): void {
  store.create('events', {
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name: `later-${store.resourceVersion()}` },
  });
  store.compact();
}

function learn(recorded: unknown, actual: unknown, known: Map<string, string>): void {
  for (const key of ['resourceVersion', 'uid', 'continue']) {
    const [theirs, ours] = [partOf(recorded, 'metadata', key), partOf(actual, 'metadata', key)];
    if (typeof theirs === 'string' && typeof ours === 'string') known.set(theirs, ours);
  }
}

function translatePath(path: string, known: Map<string, string>): string {
  return path.replace(/(?<=[?&](?:continue|resourceVersion)=)[\w-]+/g, (token) => known.get(token) ?? token);
}

function translated(value: unknown, known: Map<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => translated(item, known));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const system = (key === 'resourceVersion' || key === 'uid') && typeof each === 'string';
      return [key, system ? (known.get(each) ?? each) : translated(each, known)];
    }),
  );
}
