import { Failure } from '../../../core/failure.ts';
import { record, records, text } from '../../../core/kill/json-read.ts';
import type { JsonRecord } from '../../../core/kill/json-read.ts';
import type { Transport } from './transport.ts';

export interface ListOptions {
  /** Path of the collection, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Objects in one answer. */
  readonly pageSize?: number;
  /** After so many objects no further page is asked for. */
  readonly most?: number;
  /** ms UTC of this machine's clock by which the list must end. */
  readonly endsAt: number;
}

const usualPage = 500;

/** What `keepPages` keeps, as JSON: the pods of a node, or thousands of a workload. */
const mostKeptBytes = 16 * 2 ** 20;

/**
 * Lists a collection page by page, so that neither side has to hold it whole; `each` keeps what it needs of an object.
 * Where objects are so large that a page is too long, fewer of them are asked for, until they are smaller again.
 * Resolves with null when everything was seen, else with a sentence about what was not. What keeps the first page from
 * coming is thrown. @throws Failure
 */
export async function listPages(
  transport: Transport,
  { path, query = {}, pageSize = usualPage, most = Infinity, endsAt }: ListOptions,
  each: (object: JsonRecord) => void,
): Promise<string | null> {
  let next: string | null = null;
  let seen = 0;
  let limit = pageSize;
  for (;;) {
    const parameters = new URLSearchParams({
      ...query,
      limit: String(limit),
      ...(next === null ? {} : { continue: next }),
    });
    try {
      const deadlineMs = Math.max(1, endsAt - Date.now());
      const page = record(await transport.json({ path: `${path}?${parameters.toString()}`, deadlineMs }));
      const items = records(page['items']);
      items.forEach(each);
      seen += items.length;
      next = text(record(page['metadata'])['continue']);
      if (next === null) return null;
      if (seen >= most) return `there are more than the ${seen} objects that are looked at`;
      limit = Math.min(pageSize, limit * 2);
    } catch (error) {
      const isTooLong = error instanceof Failure && error.code === 'cluster-answer-long';
      if (isTooLong && limit > 1) limit = Math.ceil(limit / 8);
      else if (next === null || !(error instanceof Failure)) throw error;
      else return `only ${seen} objects could be read: ${error.message}`;
    }
  }
}

/** As `listPages`, for what may be judged only as a whole. @throws Failure, `cluster-list-cut` where a page is missing */
export async function listWhole(
  transport: Transport,
  options: Omit<ListOptions, 'most'>,
  each: (object: JsonRecord) => void,
): Promise<void> {
  const missing = await listPages(transport, options, each);
  if (missing === null) return;
  throw new Failure('cluster-list-cut', `The list ${options.path} could not be read to its end: ${missing}`, {
    retry: 'backoff',
  });
}

/**
 * What `smaller` leaves of the objects; null = it is not wanted.
 * @throws Failure as `listWhole`, and `cluster-list-cut` where they are too much to be held
 */
export async function keepPages(
  transport: Transport,
  options: Omit<ListOptions, 'most'>,
  smaller: (object: JsonRecord) => JsonRecord | null,
): Promise<readonly JsonRecord[]> {
  const kept: JsonRecord[] = [];
  let bytes = 0;
  await listWhole(transport, options, (object) => {
    const small = smaller(object);
    if (small === null) return;
    bytes += JSON.stringify(small).length;
    if (bytes > mostKeptBytes)
      throw new Failure(
        'cluster-list-cut',
        `of the list ${options.path} more than ${mostKeptBytes / 2 ** 20} MiB would have to be held`,
      );
    kept.push(small);
  });
  return kept;
}

/** Without who wrote which of its fields: about half of an object. */
export function withoutManagedFields(object: JsonRecord): JsonRecord {
  const { managedFields: _fields, ...metadata } = record(object['metadata']);
  return { ...object, metadata };
}
