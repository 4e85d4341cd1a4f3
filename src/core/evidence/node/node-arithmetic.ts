import type { NodeFacts } from '../evidence.ts';

/** What a node has and what its pods may take of it, bytes. */
export interface NodeArithmetic {
  readonly allocatableBytes: number;
  /** What nobody asked for: what pods may use above their requests without taking it from others. */
  readonly unrequestedBytes: number;
  /** How much those that use more than they asked for use above it. */
  readonly excessBytes: number;
  /** What is in use, with the pod that was killed. */
  readonly usedBytes: number;
}

/** The pod that was killed: its memory is free by now, so the node does not show it any more. */
export interface Gone {
  /** `namespace/pod`. */
  readonly pod: string;
  readonly usedBytes: number;
  readonly requestBytes: number;
}

/** Null where allocatable or usage is not known. */
export function nodeArithmetic(facts: NodeFacts, gone: Gone | null): NodeArithmetic | null {
  const { allocatableBytes, requestedBytes, usedBytes, exceeding } = facts;
  if (allocatableBytes === null || usedBytes === null) return null;
  // If it was started again it counts with what it used when it was killed.
  const others = exceeding.filter(({ pod }) => pod !== gone?.pod);
  const again = exceeding.find(({ pod }) => pod === gone?.pod)?.usedBytes ?? 0;
  const excess = [...others, ...(gone === null ? [] : [gone])].reduce(
    (sum, one) => sum + Math.max(0, one.usedBytes - one.requestBytes),
    0,
  );
  return {
    allocatableBytes,
    unrequestedBytes: allocatableBytes - requestedBytes,
    excessBytes: excess,
    usedBytes: usedBytes + Math.max(0, (gone?.usedBytes ?? 0) - again),
  };
}

/**
 * Whether the pods of a node may use more than it has, and those above their requests used more than nobody asked for:
 * then they took what was promised to others. Overcommit by the definition of requests and limits; no measured constant.
 */
export function isOvercommitted({ limitBytes, unlimitedPods }: NodeFacts, sum: NodeArithmetic): boolean {
  const mayUseMore = limitBytes > sum.allocatableBytes || unlimitedPods > 0;
  return mayUseMore && sum.excessBytes > sum.unrequestedBytes;
}
