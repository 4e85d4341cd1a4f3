/** Everything that is stored as JSON, by what it is about; keys.ts says where each lies. */
export type DocumentKind =
  | 'alarm'
  | 'audit-line'
  | 'chart'
  | 'checkpoint'
  | 'child-count'
  | 'dead-kill'
  | 'digest'
  | 'entry'
  | 'home-click'
  | 'ignored'
  | 'incident'
  | 'kill'
  | 'limit-before'
  | 'pause'
  | 'pause-change'
  | 'pause-told'
  | 'posting'
  | 'refusal'
  | 'request'
  | 'result'
  | 'sampling'
  | 'silence'
  | 'storm'
  | 'storm-member'
  | 'suspect';

export type RawDocument = Readonly<Record<string, unknown>>;

/** One change of what a kind of document looks like that older versions cannot read. */
export interface Migration {
  readonly kind: DocumentKind;
  /** The schema that it leads to, from the one before. */
  readonly to: number;
  /** Pure. What it does not find as it expects it, it leaves as it is: the schema then says what is wrong. */
  readonly migrate: (document: RawDocument) => RawDocument;
}
