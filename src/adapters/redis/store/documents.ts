import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { incidentSchema, requestSchema, type Incident, type Loaded } from '../../../core/incident/incident.ts';
import { killSchema } from '../../../core/kill/kill.ts';
import type { Skipped } from '../../../flow/needs.ts';

const supportedSchema = 2;

/**
 * Schema 1 stored a warning beside its container, which was stored as a kill, and had an unused field in the bounds of
 * a value.
 */
const schema1 = z.looseObject({
  schema: z.literal(1),
  firstKill: z.looseObject({ kind: z.string() }),
  warning: z.unknown(),
  explained: z.looseObject({ bounds: z.looseObject({ fromRequestBytes: z.unknown() }).nullish() }).nullable(),
});

function upgraded(raw: unknown): unknown {
  const older = schema1.safeParse(raw);
  if (!older.success) return raw;
  const { firstKill, warning, ...rest } = older.data;
  delete rest.explained?.bounds?.fromRequestBytes;
  return { ...rest, schema: 2, trigger: firstKill.kind === 'ahead' ? { ...firstKill, warning } : firstKill };
}

/** The answer of the forms `read` and `update` of the commit script: see `snapshot` there. */
export const snapshotSchema = z.tuple([
  z.string(),
  z.string(),
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
  z.array(z.string()),
  z.array(z.string()),
]);
export type Snapshot = z.infer<typeof snapshotSchema>;

/**
 * Reads what is stored of an incident of this cluster. The version is the stored one, whatever the document says.
 * @throws Failure('newer-document' | 'older-document') for another schema version or what only a newer one knows,
 * Failure('other-cluster') for an incident that says it is of another one, Failure('bad-document') otherwise
 */
export function readSnapshot(cluster: string, id: string, snapshot: Snapshot): Loaded {
  const [version, document, count, firstAt, lastAt, recent, requests] = snapshot;
  const raw = upgraded(readJson(`incident ${id}`, document));
  refuseOtherSchema(id, raw);
  const incident = readDocument(`incident ${id}`, incidentSchema, raw);
  refuseOthers(cluster, id, incident);
  return {
    incident: { ...incident, version: Number(version) },
    tally: {
      count,
      firstAt,
      lastAt,
      recent: recent.map((json) => parseDocument(`a kill of incident ${id}`, killSchema, json)),
    },
    requests: requests
      .map((json) => parseDocument(`a request of incident ${id}`, requestSchema, json))
      .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)),
  };
}

/** Codes of what is stored and cannot be read: all else goes on without it, and it is named. */
const unreadable = new Set(['bad-document', 'newer-document', 'older-document', 'other-cluster']);

/** What `read` answers, or null where that cannot be read, which `skipped` is told. Other failures are thrown. */
export async function unlessUnreadable<T>(
  name: string,
  read: () => T | Promise<T>,
  skipped: Skipped,
): Promise<T | null> {
  try {
    return await read();
  } catch (failure) {
    if (!(failure instanceof Failure) || !unreadable.has(failure.code)) throw failure;
    skipped(name, failure);
    return null;
  }
}

/** Each that can be read, by name and in their order; null counts as absent. */
export async function eachReadable<T>(
  all: readonly string[],
  read: (name: string, at: number) => T | Promise<T>,
  skipped: Skipped,
): Promise<readonly NonNullable<T>[]> {
  const found = await Promise.all(all.map((name, at) => unlessUnreadable(name, () => read(name, at), skipped)));
  return found.filter((one): one is NonNullable<Awaited<T>> => one !== null && one !== undefined);
}

/** @throws Failure('bad-document' | 'newer-document') that says what `json` is and what is wrong with it */
export function parseDocument<T>(what: string, schema: z.ZodType<T>, json: string): T {
  return readDocument(what, schema, readJson(what, json));
}

/** Checks an answer of our own scripts, which can only be wrong if the server is not the expected one. */
export function parseReply<T>(what: string, schema: z.ZodType<T>, reply: unknown): T {
  return readDocument(`Redis' answer to ${what}`, schema, reply);
}

function readJson(what: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Failure('bad-document', `What is stored of ${what} is not JSON`, { cause: error });
  }
}

function readDocument<T>(what: string, schema: z.ZodType<T>, raw: unknown): T {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  // Again without the content: the cause is logged and must not contain the document.
  const unknown = schema.safeParse(raw, { reportInput: true }).error?.issues.map(ofNewer) ?? [];
  // During a rolling update processes of both versions read the same store.
  if (unknown.every((names) => names.length > 0))
    throw new Failure(
      'newer-document',
      `What is stored of ${what} was written by a newer Oomkeeper (this one does not know ${unknown.flat().join(', ')}); update this process`,
      { retry: 'backoff', cause: parsed.error },
    );
  throw new Failure(
    'bad-document',
    `What is stored of ${what} is not as it should be: ${z.prettifyError(parsed.error)}`,
    {
      cause: parsed.error,
    },
  );
}

/** What only a newer version can have written: unknown fields, and unknown names in a closed list, such as a cause. */
function ofNewer(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys;
  return issue.code === 'invalid_value' && typeof issue.input === 'string' ? [issue.path.join('.')] : [];
}

/** A document is about what its key says: else it chooses whose policy applies, or which incident is changed. */
function refuseOthers(cluster: string, id: string, { id: own, subject, trigger }: Incident): void {
  if (own !== id) throw new Failure('bad-document', `What is stored of incident ${id} is of incident ${own}`);
  const named = [subject, trigger.subject].find((one) => one.cluster !== cluster);
  if (named !== undefined)
    throw new Failure('other-cluster', `Incident ${id} is stored for cluster ${cluster} and says ${named.cluster}`);
}

const versioned = z.looseObject({ schema: z.number() });

function refuseOtherSchema(id: string, raw: unknown): void {
  const parsed = versioned.safeParse(raw);
  if (!parsed.success || parsed.data.schema === supportedSchema) return;
  const found = parsed.data.schema;
  throw found > supportedSchema
    ? new Failure(
        'newer-document',
        `Incident ${id} was written by a newer Oomkeeper (schema ${found}, this one knows ${supportedSchema}); update this process`,
        { retry: 'backoff' },
      )
    : new Failure(
        'older-document',
        `Incident ${id} was written by an older Oomkeeper (schema ${found}, this one needs ${supportedSchema})`,
      );
}
