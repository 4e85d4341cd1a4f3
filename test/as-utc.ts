/** A text of Slack as a client reads it that shows no local times: `<!date^…|14:02:11 UTC>` -> `14:02:11 UTC`. */
export function asUtc(text: string): string {
  return text.replaceAll(/<!date\^[^|>]*\|([^<>]*)>/g, '$1');
}
