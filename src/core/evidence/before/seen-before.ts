/** A change of the limit that was carried out before, and what came of it. Bytes; times are ms UTC. */
export interface FormerRaise {
  readonly incident: string;
  readonly purpose: 'fix' | 'mitigation';
  readonly fromBytes: number;
  readonly toBytes: number;
  /** When it was seen in the cluster. */
  readonly at: number;
  /** Whether it was killed again at that limit, somebody put the limit back, or neither. */
  readonly outcome: 'killed-again' | 'put-back' | 'held';
  /** From the change to the first kill at the new limit, or to the last moment of which anything is known. */
  readonly lastedMs: number;
  /** How much longer its runs lasted than at the limit before (medians); null where either is not known. */
  readonly boughtMs: number | null;
  /** The most that it used since, as far as checks measured it; null where none did. */
  readonly mostBytes: number | null;
}

/** A closed incident of the same subject. */
export interface FormerIncident {
  readonly id: string;
  /** ms UTC of its last kill. */
  readonly at: number;
  readonly kills: number;
  /** Its verdict, in a word; null where there was none. */
  readonly cause: string | null;
  /** Whether the image is the same now; null where that is not known. */
  readonly sameImage: boolean | null;
}

/** What is known of earlier kills of the same workload's container. Oldest first. */
export interface SeenBefore {
  readonly incidents: readonly FormerIncident[];
  readonly raises: readonly FormerRaise[];
}
