import { Counter } from 'prom-client';
import type { CounterConfiguration } from 'prom-client';

interface Labels<Label extends string> {
  readonly labelNames: readonly Label[];
  /** Labels that are known to come: they are served as 0 from the beginning. */
  readonly known: readonly Readonly<Record<Label, string>>[];
}

/** Labels that begin to be counted between two scrapes. */
interface Held<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  count: number;
  /** A scrape has read the 0. */
  isRead: boolean;
}

/**
 * A counter of which every series is read as 0 before it rises. To `rate()` and `increase()` a series that appears with a
 * value has not risen, so the first event of each label would raise no alert. What is counted under labels that nobody
 * could foresee is held back for one scrape, in which they are 0.
 */
export function counterFromZero<Label extends string>({
  known,
  labelNames,
  ...options
}: Pick<CounterConfiguration<Label>, 'name' | 'help' | 'registers'> & Labels<Label>): {
  readonly inc: (labels: Readonly<Record<Label, string>>) => void;
} {
  const begun = new Set<string>();
  const held = new Map<string, Held<Label>>();
  const keyOf = (labels: Readonly<Record<Label, string>>): string =>
    JSON.stringify(labelNames.map((name) => labels[name]));
  const counter = new Counter({
    ...options,
    labelNames: [...labelNames],
    collect: () => {
      for (const [key, one] of held) {
        if (one.isRead) {
          counter.inc(one.labels, one.count);
          held.delete(key);
        }
        one.isRead = true;
      }
    },
  });
  const begin = (labels: Readonly<Record<Label, string>>): void => {
    begun.add(keyOf(labels));
    counter.inc(labels, 0);
  };
  for (const labels of known) begin(labels);
  return {
    inc: (labels) => {
      const key = keyOf(labels);
      const waiting = held.get(key);
      if (waiting !== undefined) waiting.count += 1;
      else if (begun.has(key)) counter.inc(labels);
      else {
        begin(labels);
        held.set(key, { labels, count: 1, isRead: false });
      }
    },
  };
}
