import { Composer, isMap, isScalar, Lexer, LineCounter, Parser, visit } from 'yaml';
import type { Document, DocumentOptions, SchemaOptions } from 'yaml';

/** What keeps a file from being read, without its place, and with it as people read it. */
export interface Unreadable {
  readonly code: string;
  readonly text: string;
}

/** Deeper than anybody nests `{` and `[`; the library remembers each of them. */
const deepest = 100;

/**
 * The documents of a YAML file. It may come from anybody who can write to a repository, so it is read until the first
 * thing that is wrong: the library alone would collect all of them, each with the whole line that it stands in, and
 * compare each key of a map with all others. A file of 1 MiB that is made for it took minutes, or all memory.
 */
export function parseDocuments(
  text: string,
  options: DocumentOptions & SchemaOptions = {},
): readonly Document.Parsed[] | Unreadable {
  const lines = new LineCounter();
  const at = (code: string, message: string, offset: number): Unreadable => {
    const { line, col } = lines.linePos(offset);
    return { code, text: `${message} at line ${line}, column ${col}` };
  };
  const parser = new Parser(lines.addNewLine);
  // Warnings would be emitted by the process; what they are about is compared afterwards anyway.
  const composer = new Composer({ ...options, logLevel: 'error', prettyErrors: false, uniqueKeys: false });
  const documents: Document.Parsed[] = [];
  const problemIn = (found: Iterable<Document.Parsed>): Unreadable | null => {
    for (const one of found) {
      documents.push(one);
      const [error] = one.errors;
      if (error) return at(error.code, error.message, error.pos[0]);
      const offset = doubleKey(one);
      if (offset !== null) return at('DUPLICATE_KEY', 'Map keys must be unique', offset);
    }
    return null;
  };

  let depth = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme === '[' || lexeme === '{') depth += 1;
    if (lexeme === ']' || lexeme === '}') depth -= 1;
    if (depth > deepest) return at('TOO_DEEP', 'Nested too deeply', parser.offset);
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') return at('UNEXPECTED_TOKEN', token.message, token.offset);
      const problem = problemIn(composer.next(token));
      if (problem !== null) return problem;
    }
  }
  for (const token of parser.end()) {
    if (token.type === 'error') return at('UNEXPECTED_TOKEN', token.message, token.offset);
    const problem = problemIn(composer.next(token));
    if (problem !== null) return problem;
  }
  return problemIn(composer.end(false, text.length)) ?? documents;
}

/** Where a key stands that its map has already; null where there is none. */
function doubleKey(document: Document.Parsed): number | null {
  let found: number | null = null;
  visit(document, (_, node) => {
    if (!isMap(node)) return undefined;
    const known = new Set<unknown>();
    const double = node.items.map(({ key }) => key).find((key) => isScalar(key) && isKnown(known, key.value));
    if (double === undefined) return undefined;
    found = (isScalar(double) ? double.range?.[0] : null) ?? 0;
    return visit.BREAK;
  });
  return found;
}

function isKnown(known: Set<unknown>, value: unknown): boolean {
  if (known.has(value)) return true;
  known.add(value);
  return false;
}
