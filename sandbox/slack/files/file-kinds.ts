/** What Slack calls a kind of file, and how it serves it. */
export interface FileKind {
  readonly filetype: string;
  readonly mimetype: string;
  readonly pretty: string;
  readonly shownAs: 'image' | 'text' | 'download';
}

const text = (filetype: string, pretty: string): FileKind => ({
  filetype,
  mimetype: 'text/plain',
  pretty,
  shownAs: 'text',
});
const image = (filetype: string, subtype: string, pretty: string): FileKind => ({
  filetype,
  mimetype: `image/${subtype}`,
  pretty,
  shownAs: 'image',
});

const plain = text('text', 'Plain Text');

const byExtension: Readonly<Record<string, FileKind>> = {
  png: image('png', 'png', 'PNG'),
  jpg: image('jpg', 'jpeg', 'JPEG'),
  jpeg: image('jpg', 'jpeg', 'JPEG'),
  gif: image('gif', 'gif', 'GIF'),
  txt: plain,
  log: plain,
  diff: text('diff', 'Diff'),
  patch: text('diff', 'Diff'),
  yaml: text('yaml', 'YAML'),
  yml: text('yaml', 'YAML'),
  json: text('json', 'JSON'),
  csv: text('csv', 'CSV'),
  md: text('markdown', 'Markdown'),
  sh: text('shell', 'Shell'),
};

const unknown: FileKind = {
  filetype: 'binary',
  mimetype: 'application/octet-stream',
  pretty: 'Binary',
  shownAs: 'download',
};

/** The snippet types that are known here; Slack knows more, of programming languages mostly. */
const snippets: Readonly<Record<string, FileKind>> = Object.fromEntries(
  Object.values(byExtension)
    .filter(({ shownAs }) => shownAs === 'text')
    .map((kind) => [kind.filetype, kind]),
);

/** By a snippet's type; undefined for one that is not known. */
export function snippetKind(type: string): FileKind | undefined {
  return Object.hasOwn(snippets, type) ? snippets[type] : undefined;
}

/** First bytes of the pictures that Slack shows. */
const signatures: readonly (readonly [string, readonly number[]])[] = [
  ['png', [0x89, 0x50, 0x4e, 0x47]],
  ['jpg', [0xff, 0xd8, 0xff]],
  ['gif', [0x47, 0x49, 0x46, 0x38]],
];

/** The kind of an uploaded file: a picture only where the bytes are one, otherwise by the name's ending. */
export function fileKind(name: string, bytes: Uint8Array): FileKind {
  const signature = signatures.find(([, start]) => start.every((byte, place) => bytes[place] === byte));
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  const named = Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
  if (signature !== undefined) return byExtension[signature[0]] ?? unknown;
  return named === undefined || named.shownAs === 'image' ? unknown : named;
}
