import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { ownVersion } from '../../own-version.ts';
import type { DocumentKind, RawDocument } from './migrations/migration.ts';
import { firstSchema, migrated, schemaOf } from './migrations/migrations.ts';
import { parseJson } from './parse.ts';

/*
 * Each document says who wrote it and who can read it: `writtenBy` is the version of the program, `schema` a number that
 * only a change raises which older versions must not read (migrations/). So a newer process reads what older ones have
 * stored, and writes it back as it knows it; an older one reads what newer ones have stored as long as it can, keeps the
 * fields that it does not know (core/units/growing-object.ts), and else leaves the document alone and says so.
 */

/** How documents of one kind are written and read. */
export interface Stored<T> {
  readonly write: (value: T) => string;
  /**
   * `what` it is, for people.
   * @throws Failure('newer-document') for what only a newer version can have written, which is tried again later;
   * Failure('older-document' | 'bad-document') for what no version has
   */
  readonly read: (what: string, json: string) => T;
}

export function stored<T extends object>(kind: DocumentKind, schema: z.ZodType<T>): Stored<T> {
  return {
    write: (value) => stamped(kind, value),
    read: (what, json) => {
      const { schema: number = firstSchema, writtenBy, ...document } = objectIn(what, json);
      const writer = writerOf(writtenBy);
      const from = knownSchema(kind, { what, writer }, number);
      return parsed(schema, migrated(kind, from, document), { what, writer });
    },
  };
}

/** The text of a document of which something may still be missing. */
export function stamped(kind: DocumentKind, value: object): string {
  return JSON.stringify({ ...value, schema: schemaOf(kind), writtenBy: ownVersion });
}

interface About {
  readonly what: string;
  /** In words. */
  readonly writer: string;
}

function objectIn(what: string, json: string): RawDocument {
  const raw = parseJson(what, json);
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return { ...raw };
  throw new Failure('bad-document', `What is stored of ${what} is not an object`);
}

const versionShape = /^[\w.+-]{1,40}$/;

function writerOf(writtenBy: unknown): string {
  if (typeof writtenBy !== 'string' || !versionShape.test(writtenBy)) return 'a newer version';
  return writtenBy === ownVersion ? `another build of ${ownVersion}` : `version ${writtenBy}`;
}

function knownSchema(kind: DocumentKind, about: About, found: unknown): number {
  const newest = schemaOf(kind);
  if (typeof found !== 'number' || !Number.isInteger(found))
    throw new Failure('bad-document', `What is stored of ${about.what} has no number as its schema`);
  if (found > newest) throw newer(about, `its schema ${found}`);
  if (found >= firstSchema) return found;
  throw new Failure(
    'older-document',
    `What is stored of ${about.what} has schema ${found}, which no version of Oomkeeper has written`,
  );
}

function newer({ what, writer }: About, unknown: string, cause?: Error): Failure {
  return new Failure(
    'newer-document',
    `What is stored of ${what} was written by ${writer}. This is version ${ownVersion}, which does not know ${unknown}: update this process`,
    { retry: 'backoff', cause },
  );
}

function parsed<T>(schema: z.ZodType<T>, raw: RawDocument, about: About): T {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  // Again without the content: the cause is logged and must not contain the document.
  const unknown = schema.safeParse(raw, { reportInput: true }).error?.issues.map(ofNewer) ?? [];
  // During a rolling update processes of both versions read the same store.
  if (unknown.every((names) => names.length > 0)) throw newer(about, unknown.flat().join(', '), result.error);
  throw new Failure(
    'bad-document',
    `What is stored of ${about.what} is not as it should be: ${z.prettifyError(result.error)}`,
    { cause: result.error },
  );
}

/** What only a newer version can have written: unknown fields, and unknown names in a closed list, such as a cause. */
function ofNewer(issue: z.core.$ZodIssue): readonly string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys;
  return issue.code === 'invalid_value' && typeof issue.input === 'string' ? [issue.path.join('.')] : [];
}
