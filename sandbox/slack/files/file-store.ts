import { randomBytes } from 'node:crypto';
import { type FileKind, fileKind, snippetKind } from './file-kinds.ts';

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
  readonly snippetType: string | undefined;
  /** ms UTC. */
  readonly createdAt: number;
  title: string;
  bytes: Uint8Array | undefined;
  completed: boolean;
  /** Known once Slack has looked at the bytes. */
  kind: FileKind | undefined;
  /** Where it was shared. */
  readonly shares: { readonly channel: string; readonly ts: string; readonly threadTs: string | undefined }[];
}

export interface FileStore {
  /** A new file, and the secret part of the URL that takes its bytes once. */
  readonly reserve: (wanted: Pick<StoredFile, 'name' | 'size' | 'altText' | 'snippetType'>) => {
    readonly file: StoredFile;
    readonly token: string;
  };
  /** Takes the bytes for a token. */
  readonly put: (token: string, bytes: Uint8Array) => 'stored' | 'unknown_upload' | 'wrong_length';
  readonly find: (id: string) => StoredFile | undefined;
  readonly all: () => readonly StoredFile[];
  /** Looks at the bytes, as Slack does some time after the upload was completed. */
  readonly process: (file: StoredFile) => void;
  readonly remove: (id: string) => boolean;
}

/** `now` is ms UTC. */
export function createFileStore(now: () => number): FileStore {
  const files = new Map<string, StoredFile>();
  const uploads = new Map<string, StoredFile>();
  return {
    reserve: ({ altText, name, size, snippetType }) => {
      const file: StoredFile = {
        id: `F0${randomBytes(8).toString('hex').toUpperCase().slice(0, 9)}`,
        name,
        size,
        altText,
        snippetType,
        createdAt: now(),
        title: name,
        bytes: undefined,
        completed: false,
        kind: undefined,
        shares: [],
      };
      const token = randomBytes(16).toString('hex');
      files.set(file.id, file);
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
      file.kind =
        file.snippetType === undefined
          ? fileKind(file.name, file.bytes ?? new Uint8Array())
          : snippetKind(file.snippetType);
    },
    remove: (id) => files.delete(id),
  };
}
