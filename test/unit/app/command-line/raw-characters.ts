/** What no output may have, but for line feeds: control characters, C1 too, and one that turns the direction of text. */
// eslint-disable-next-line no-control-regex
export const rawCharacters = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

/** Without the colours that we give ourselves: bold and back. */
export function withoutBold(text: string): string {
  return ['\u001b[1m', '\u001b[22m'].reduce((rest, code) => rest.replaceAll(code, ''), text);
}
