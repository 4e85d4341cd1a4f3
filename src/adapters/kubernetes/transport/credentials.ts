import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Failure } from '../../../core/failure.ts';
import { minuteMs } from '../../../core/units/duration.ts';

/** What makes a TLS connection ours, in PEM. Two connections with the same are interchangeable. */
const tlsSchema = z.strictObject({
  ca: z.string().exactOptional(),
  cert: z.string().exactOptional(),
  key: z.string().exactOptional(),
  servername: z.string().exactOptional(),
  rejectUnauthorized: z.literal(false).exactOptional(),
});
export const credentialsSchema = z.strictObject({
  tls: tlsSchema,
  /** Of each request: who we are, where the certificate doesn't say it. */
  headers: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

export type TlsMaterial = Readonly<z.output<typeof tlsSchema>>;
export type Credentials = Readonly<z.output<typeof credentialsSchema>>;

/** One cluster and who we are there, as a kubeconfig said when it was read. */
export interface Account {
  readonly server: string;
  /** Of the kubeconfig; null without one. */
  readonly proxyUrl: string | null;
  /** Files that it was made of, and what stood in them. */
  readonly files: readonly string[];
  readonly contents: string;
  /** Whether the credentials stay the same for as long as these files do. */
  readonly isFixed: boolean;
  /** A plugin is asked again when what it gave has expired. @throws Failure('cluster-credentials') */
  readonly credentials: () => Promise<Credentials>;
}

/** Credentials as they are now: what changed in a file counts after ten seconds at most. */
export interface CredentialSource {
  /** @throws Failure('cluster-credentials') */
  readonly current: () => Promise<Credentials>;
  /** These did not work: the account is loaded again, and after a 401 (`refused`) what was there before is forgotten. */
  readonly renew: (used: Credentials, why: 'unreachable' | 'refused') => void;
}

const freshMs = 10_000;
/** A server that is down is asked again and again; its credentials have rarely changed without a file. */
const renewedMs = minuteMs;

/** @param load may fail now and then, while somebody replaces a file */
export function createCredentialSource(
  first: Account,
  load: () => Promise<Account>,
  now: () => number = Date.now,
): CredentialSource {
  let account: Account | null = first;
  let reading: { readonly at: number; readonly result: Promise<Credentials> } | null = null;
  let last: Credentials | null = null;
  let doubted: Credentials | null = null;
  /** A refusal is news, also of a server that was away a moment ago. */
  const renewedAt = { unreachable: -Infinity, refused: -Infinity };

  async function read(): Promise<Credentials> {
    try {
      if (account === null || account.contents !== (await contentsOf(account.files))) account = await load();
      // A copy, so that each reading can be doubted once.
      last = { ...(await account.credentials()) };
      return last;
    } catch (cause) {
      account = null;
      // A file that is just being replaced; what was there before may still be right.
      if (last !== null) return last;
      if (cause instanceof Failure) throw cause;
      const why = cause instanceof Error ? cause.message.trim() : String(cause);
      throw new Failure('cluster-credentials', `The credentials for the API server cannot be read: ${why}`, {
        retry: 'backoff',
        cause,
      });
    }
  }

  return {
    current: () => {
      if (reading === null || now() - reading.at >= freshMs) reading = { at: now(), result: read() };
      const { result } = reading;
      result.catch(() => {
        if (reading?.result === result) reading = null;
      });
      return result;
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

/** Two of the same are the same files as before. One that cannot be read is as good as empty. */
export async function contentsOf(files: readonly string[]): Promise<string> {
  const contents = await Promise.all(files.map((file) => readFile(file, 'base64').catch(() => '')));
  return createHash('sha256').update(contents.join()).digest('base64');
}
