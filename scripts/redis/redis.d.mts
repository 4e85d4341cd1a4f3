/** Where Redis comes from on this machine. */
export type RedisSource =
  | { readonly kind: 'url'; readonly url: string; readonly description: string }
  | {
      readonly kind: 'program';
      readonly command: string;
      /** Folders that the dynamic linker must look into, for a server that was unpacked and not installed. */
      readonly libraryPath?: string;
      readonly description: string;
    };

export interface LocateOptions {
  /** Start an own server although REDIS_URL is set: for tests that stop and restart it. */
  readonly own?: boolean;
  /** This server, whatever else there is. */
  readonly program?: { readonly command: string; readonly libraryPath?: string };
  /** Which system this is; by default `process.platform`. */
  readonly platform?: NodeJS.Platform;
  /** One line for a person; by default to standard error. */
  readonly log?: (line: string) => void;
}

export interface StartOptions extends LocateOptions {
  /** Where the data lies. A given folder is kept; without one it is a temporary folder that `stop` removes. */
  readonly dir?: string;
  /** A free one by default. */
  readonly port?: number;
  /** Write every change to disk before `stop` or a crash can lose more than a second of them. Off by default. */
  readonly appendonly?: boolean;
  /** More settings of the server, as they stand in its configuration file: `{ 'cluster-enabled': 'yes' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines of a sentinel's configuration file: then it is one, and of the settings it has only its port. */
  readonly sentinel?: readonly string[];
}

export interface RunningRedis {
  readonly url: string;
  /** Null where REDIS_URL was given: that server is not ours to end. */
  readonly pid: number | null;
  /** For a person: which of the possible sources was used. */
  readonly description: string;
  /** Ends the server (SIGTERM, after 5 s SIGKILL) and removes its temporary folder. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Looks in this order: REDIS_URL, `redis-server` or `valkey-server` on PATH, Debian's packages unpacked into the
 * project's cache. Several callers at once are safe.
 * @throws Error with the lines that install Redis, where there is none of the three
 */
export function locateRedis(options?: LocateOptions): Promise<RedisSource>;

/** Valkey's server: on PATH, or Debian's package unpacked into the project's cache; or why there is none. */
export function locateValkey(
  log: (line: string) => void,
): Promise<{ readonly command: string; readonly libraryPath?: string } | string>;

/**
 * Starts a private server on 127.0.0.1 that never evicts, and waits until it answers. It ends with the process that
 * started it, however that one ends, and does not see that one's Ctrl-C.
 * @throws Error with the end of the server's log, where it does not come up in 20 s
 */
export function startRedis(options?: StartOptions): Promise<RunningRedis>;

/** Name of a sentinel's configuration file in its folder. */
export const sentinelFile: string;

/** A port of 127.0.0.1 that nobody has at this moment. */
export function freePort(): Promise<number>;
