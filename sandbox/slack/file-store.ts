import { randomBytes } from 'node:crypto';

/** How Slack serves a file. */
export interface FileKind {
  readonly mimetype: string;
  /** What it is called before a person. */
  readonly pretty: string;
  readonly shownAs: 'image' | 'text' | 'download';
}

const png: FileKind = { mimetype: 'image/png', pretty: 'PNG', shownAs: 'image' };
const text: FileKind = { mimetype: 'text/plain; charset=utf-8', pretty: 'Plain Text', shownAs: 'text' };
const other: FileKind = { mimetype: 'application/octet-stream', pretty: 'Binary', shownAs: 'download' };

/** A picture only where the bytes are one, otherwise by the name's ending. */
function kindOf(name: string, bytes: Uint8Array): FileKind {
  if ([0x89, 0x50, 0x4e, 0x47].every((byte, place) => bytes[place] === byte)) return png;
  return /\.(?:log|txt)$/.test(name) ? text : other;
}

/**
 * A file's life, as Slack's upload has it: reserved (an id and an upload URL), uploaded (the bytes are there), completed
 * (it has a title and perhaps a channel). Slack looks at the bytes only some time after that: until then it knows no
 * type, the file is in no channel, and no block may show it.
 */
export interface StoredFile {
  readonly id: string;
  readonly name: string;
  /** Bytes that were announced; the upload has to have as many. */
  readonly size: number;
  readonly altText: string | undefined;
  title: string;
  bytes: Uint8Array | undefined;
  completed: boolean;
  /** Known once Slack has looked at the bytes. */
  kind: FileKind | undefined;
}

export interface FileStore {
  /** A new file, and the secret part of the URL that takes its bytes once. */
  readonly reserve: (wanted: Pick<StoredFile, 'name' | 'size' | 'altText'>) => {
    readonly file: StoredFile;
    readonly token: string;
  };
  /** Takes the bytes for a token. */
  readonly put: (token: string, bytes: Uint8Array) => 'stored' | 'unknown_upload' | 'wrong_length';
  readonly find: (id: string) => StoredFile | undefined;
  readonly all: () => readonly StoredFile[];
  /** Looks at the bytes, as Slack does some time after the upload was completed. */
  readonly process: (file: StoredFile) => void;
}

export function createFileStore(): FileStore {
  const files = new Map<string, StoredFile>();
  const uploads = new Map<string, StoredFile>();
  return {
    reserve: ({ altText, name, size }) => {
      const id = `F0${randomBytes(8).toString('hex').toUpperCase().slice(0, 9)}`;
      const file = { id, name, size, altText, title: name, bytes: undefined, completed: false, kind: undefined };
      const token = randomBytes(16).toString('hex');
      files.set(id, file);
      uploads.set(token, file);
      return { file, token };
    },
    put: (token, bytes) => {
      const file = uploads.get(token);
      if (file === undefined) return 'unknown_upload';
      if (bytes.length !== file.size) return 'wrong_length';
      file.bytes = bytes;
      uploads.delete(token);
      return 'stored';
    },
    find: (id) => files.get(id),
    all: () => [...files.values()],
    process: (file) => {
      file.kind = kindOf(file.name, file.bytes ?? new Uint8Array());
    },
  };
}
