import { ownCopy } from '../own-copy.ts';

/*
 * How long a text may be that others have written, by its kind, in UTF-16 code units as `length` counts them. It is cut
 * where it enters (the readers of the cluster, of alerts, of a forge, of Slack), so that nothing behind has to ask, and
 * so that a single object cannot fill a store or keep a process busy. What must be whole to be used, as a value that
 * would be written back, is refused instead; those are marked.
 */
export const textBounds = {
  /** Of any object, container, variable or label: Kubernetes allows 253 at most. */
  name: 253,
  /** A prefix of 253, a slash, and a name of 63. */
  labelName: 317,
  /** Value of a label: Kubernetes allows 63, an alert any length. */
  label: 253,
  /** A namespace and a name, or where a volume is. */
  path: 512,
  /** Whose workload it is, as its annotation says. */
  ownerName: 100,
  /** RFC 3339. */
  time: 60,
  /** A registry allows 255 for the name; a tag and a digest follow. */
  image: 512,
  /** One word, by which programs tell things apart. */
  reason: 128,
  /** What a container left behind, or why a pod was evicted: the kubelet writes 4096 bytes at most. */
  terminationMessage: 4_096,
  /** What an Event says. */
  eventMessage: 4_096,
  /** Value of a variable: Linux starts no program with a longer one. It counts as one that is not seen. */
  envValue: 131_072,
  /** One word of a command line: the same. */
  argument: 131_072,
  /** All words of a command line together; what comes after it is left out. Fewer are too many to read already. */
  command: 524_288,
  logLine: 4_096,
  /** What a rollout changed, one line. */
  change: 600,
  /** Where a file is, `owner/repo//path@branch`; a longer one is no such place. */
  source: 600,
  /** The annotation that says so: cut, it is still too long to be one. */
  sourceText: 601,
  /** PromQL that says what the load of a workload is; a longer one is not asked. */
  loadQuery: 2_000,
  /** The annotation that says so: cut, it is still too long to be one. */
  loadText: 2_001,
  /** A size as it is written; a longer one is none. */
  quantity: 1_000,
  /** What a server says of why it refused. */
  serverWords: 600,
  /** The API server's has the words of admission webhooks in it. */
  apiServerWords: 2_000,

  alertName: 200,
  alertSummary: 1_000,
  alertFingerprint: 100,

  /** Any text of a command, a button or a dialog: Slack allows 3000 in the longest, what a dialog carries along. */
  slackText: 3_000,
  /** Why changes are paused. */
  pauseReason: 300,
  /** Why something is silenced. */
  silenceReason: 200,

  /** GitHub's own bounds. */
  pullTitle: 256,
  pullBody: 65_536,
  commitMessage: 65_536,
  /** A longer file is refused. */
  manifest: 2 ** 20,
  /** A longer file is refused: a ConfigMap holds no more, and thousands of workloads may have their source in it. */
  policyFile: 2 ** 20,
} as const;

export type TextKind = Exclude<keyof typeof textBounds, 'envValue' | 'source' | 'quantity' | 'manifest' | 'policyFile'>;

/** Text of others, at most as long as its kind may be; see `cut`. */
export function bounded(text: string, kind: TextKind): string {
  return cut(text, textBounds[kind]);
}

export function boundedOrNull(text: string | null, kind: TextKind): string | null {
  return text === null ? null : bounded(text, kind);
}

/**
 * At most `most` code units, the last one being `…` where something was left out. No surrogate pair is split, and a half
 * one that was there, which neither a URL nor UTF-8 can hold, becomes U+FFFD. What was cut off is not held.
 */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text.toWellFormed();
  const end = text.codePointAt(most - 2) ?? 0;
  return ownCopy(`${text.slice(0, end > 0xffff ? most - 2 : most - 1).toWellFormed()}…`);
}
