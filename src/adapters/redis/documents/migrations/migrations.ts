import { incident2 } from './incident-2.ts';
import type { DocumentKind, Migration, RawDocument } from './migration.ts';

/** All of them, those of one kind in their order. None is ever taken out: some Redis may still hold what it is for. */
export const migrations: readonly Migration[] = [incident2];

/** What a document without a number is, and the first of each kind. */
export const firstSchema = 1;

const newest = new Map<DocumentKind, number>();
for (const { kind, to } of migrations) newest.set(kind, to);

/** The schema that this version writes. */
export function schemaOf(kind: DocumentKind): number {
  return newest.get(kind) ?? firstSchema;
}

/** A document as this version knows it. Most need nothing. */
export function migrated(kind: DocumentKind, from: number, document: RawDocument): RawDocument {
  if (from === schemaOf(kind)) return document;
  return migrations
    .filter((one) => one.kind === kind && one.to > from)
    .reduce((raw, { migrate }) => migrate(raw), document);
}
