/**
 * Lets one process at a time do `work`, for processes that share a folder. The lock is a directory, since making one
 * either succeeds or fails in a single step on every file system. Its owner touches it while it works; a lock whose
 * owner is gone, or that nobody has touched for 30 s (its process id may have been reused), is taken over.
 * @param path the lock; its parent folder is made where it is missing
 * @param onWait called once, where another process holds the lock
 * @returns what `work` returned; the lock is given back however `work` ends
 */
export function withLock<T>(path: string, work: () => Promise<T>, onWait?: () => void): Promise<T>;
