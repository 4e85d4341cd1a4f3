/** GitHub would do it and this one does not: answered 501, with a line in the log. */
export class NotCovered extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'NotCovered';
  }
}
