/** A list that forgets its oldest entries beyond a bound. */
export interface BoundedLog<Entry> {
  readonly push: (entry: Entry) => void;
  /** The newest entries, oldest first. */
  readonly entries: () => readonly Entry[];
}

export function createBoundedLog<Entry>(limit: number): BoundedLog<Entry> {
  const entries: Entry[] = [];
  return {
    push: (entry) => {
      entries.push(entry);
      if (entries.length > limit * 1.1) entries.splice(0, entries.length - limit);
    },
    entries: () => entries.slice(-limit),
  };
}

/** What a numbered log knows of an entry. */
export interface Logged {
  readonly seq: number;
  /** ms UTC. */
  readonly at: number;
}

export interface NumberedLog<Entry> {
  readonly add: (entry: Entry) => void;
  /** The newest entries, oldest first. */
  readonly entries: () => readonly (Logged & Entry)[];
}

/** A bounded log whose entries are numbered and dated. `now` is ms UTC. */
export function createNumberedLog<Entry>(limit: number, now: () => number): NumberedLog<Entry> {
  const log = createBoundedLog<Logged & Entry>(limit);
  let seq = 0;
  return {
    add: (entry) => {
      seq += 1;
      log.push({ seq, at: now(), ...entry });
    },
    entries: log.entries,
  };
}
