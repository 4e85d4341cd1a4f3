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

/**
 * Lists a collection page by page, so that neither side has to hold it whole; `each` keeps what it needs of an object.
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
  do {
    const parameters = new URLSearchParams({
      ...query,
      limit: String(pageSize),
      ...(next === null ? {} : { continue: next }),
    });
    try {
      const deadlineMs = Math.max(1, endsAt - Date.now());
      const page = record(await transport.json({ path: `${path}?${parameters.toString()}`, deadlineMs }));
      const items = records(page['items']);
      items.forEach(each);
      seen += items.length;
      next = text(record(page['metadata'])['continue']);
    } catch (error) {
      if (next === null || !(error instanceof Failure)) throw error;
      return `only ${seen} objects could be read: ${error.message}`;
    }
    if (next !== null && seen >= most) return `there are more than the ${seen} objects that are looked at`;
  } while (next !== null);
  return null;
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
