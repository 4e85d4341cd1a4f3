import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { minuteMs } from '../../../core/units/duration.ts';
import { inTime } from '../../in-time.ts';

/** TLS material in PEM. Connections made with the same material are interchangeable. */
const tlsSchema = z.strictObject({
  ca: z.string().exactOptional(),
  cert: z.string().exactOptional(),
  key: z.string().exactOptional(),
  servername: z.string().exactOptional(),
  rejectUnauthorized: z.literal(false).exactOptional(),
});
export const credentialsSchema = z.strictObject({
  tls: tlsSchema,
  /** Headers of each request that identify us, where the client certificate does not. */
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

export type TlsMaterial = Readonly<z.output<typeof tlsSchema>>;
export type Credentials = Readonly<z.output<typeof credentialsSchema>>;

/** One cluster and our credentials for it, as the kubeconfig stood when it was read. */
export interface Account {
  readonly server: string;
  /** Of the kubeconfig; null without one. */
  readonly proxyUrl: string | null;
  /** The files that it was read from, and their contents. */
  readonly files: readonly string[];
  readonly contents: string;
  /** Whether the credentials stay the same for as long as these files do. */
  readonly isFixed: boolean;
  /** A plugin is run again when its credentials have expired. @throws Failure('cluster-credentials') */
  readonly credentials: () => Promise<Credentials>;
}

/** The present credentials: a changed file takes effect within ten seconds. */
export interface CredentialSource {
  /** @throws Failure('cluster-credentials') */
  readonly current: () => Promise<Credentials>;
  /** These did not work: they are loaded again, and after a 401 (`refused`) the old ones are never used again. */
  readonly renew: (used: Credentials, why: 'unreachable' | 'refused') => void;
}

const freshMs = 10_000;
/** Requests to a server that is down fail often, and credentials rarely change without a file. */
const renewedMs = minuteMs;
/**
 * A child that loads the library takes a second, and on a busy machine half a minute. A server that restarts is by far
 * the usual reason to load again, and it takes the same credentials as before.
 */
const patienceMs = 500;

/** @param load may fail now and then, while somebody replaces a file, and may be slow */
export function createCredentialSource(
  first: Account,
  load: () => Promise<Account>,
  now: () => number = Date.now,
): CredentialSource {
  let account: Account | null = first;
  let reading: { readonly at: number; readonly result: Promise<Credentials>; isDone: boolean } | null = null;
  let last: Credentials | null = null;
  let doubted: Credentials | null = null;
  /** A refusal counts even if the server was unreachable a moment ago. */
  const renewedAt = { unreachable: -Infinity, refused: -Infinity };

  async function read(): Promise<Credentials> {
    try {
      if (account === null || account.contents !== (await contentsOf(account.files))) account = await load();
      // A copy, so that each set of credentials can be reported as refused once.
      last = { ...(await account.credentials()) };
      return last;
    } catch (cause) {
      account = null;
      // The file is probably being replaced; the previous credentials may still be right.
      if (last !== null) return last;
      if (cause instanceof Failure) throw cause;
      const why = cause instanceof Error ? cause.message.trim() : String(cause);
      throw new Failure('cluster-credentials', `The credentials for the API server cannot be read: ${why}`, {
        retry: 'backoff',
        cause,
      });
    }
  }

  function readAgain(): Promise<Credentials> {
    const result = read();
    const started = { at: now(), result, isDone: false };
    reading = started;
    result.then(
      () => (started.isDone = true),
      () => {
        if (reading === started) reading = null;
      },
    );
    return result;
  }

  return {
    current: () => {
      const isOld = reading === null || now() - reading.at >= (reading.isDone ? freshMs : renewedMs);
      const before = last;
      const result = isOld || reading === null ? readAgain() : reading.result;
      return before === null ? result : inTime(result, patienceMs, () => before);
    },
    renew: (used, why) => {
      // Many requests fail at once.
      if (used === doubted) return;
      doubted = used;
      reading = null;
      if (why === 'refused') last = null;
      if (now() - renewedAt[why] < renewedMs) return;
      renewedAt[why] = now();
      account = null;
    },
  };
}

/** Equal results mean that the files have not changed. A file that cannot be read counts as empty. */
export async function contentsOf(files: readonly string[]): Promise<string> {
  const contents = await Promise.all(files.map((file) => readFile(file, 'base64').catch(() => '')));
  return createHash('sha256').update(contents.join()).digest('base64');
}
