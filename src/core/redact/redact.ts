import { mark } from './mark.ts';
import { redactNamed } from './redact-named.ts';
import { redactPem } from './redact-pem.ts';
import { redactUrls } from './redact-urls.ts';

/*
 * Replaces what looks like a secret in text that was written elsewhere (log lines, messages of the kubelet, alerts,
 * answers of servers) before it is stored or shown. What a diagnosis needs stays as it is, byte for byte: numbers, heap
 * flags, paths, exception lines. It finds secrets by their form or by the name beside them; a bare word that nothing calls
 * a secret stays.
 *
 * NOTE: every expression below looks at each character a bounded number of times. A token begins only where no letter of
 * its own alphabet stands before it, so that a long run of such letters has one beginning.
 */
const tokens: readonly RegExp[] = [
  // Amazon's ids of access keys, Google's keys and tokens
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  /(?<![\w-])AIza[\w-]{35}/g,
  /(?<![\w-])ya29\.[\w-]{20,}/g,
  // GitHub, GitLab
  /(?<![A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{20,}/g,
  /(?<!\w)github_pat_\w{20,}/g,
  /(?<![\w-])glpat-[\w-]{16,}/g,
  // Slack's tokens, and its addresses that take messages from anybody
  /(?<![\w-])xox[a-z](?:\.xox[a-z])?-[\w-]{8,}/g,
  /(?<![\w-])xapp-[\w-]{8,}/g,
  /(?<=hooks\.slack\.com\/)(?:services|workflows|triggers)\/[\w/-]{8,}/g,
  // Tokens that are JSON, with or without their signature
  /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g,
  // Stripe, OpenAI and others; npm, Vault, SendGrid
  /(?<![\w-])(?:sk|rk)[-_][\w-]{20,}/g,
  /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{30,}/g,
  /(?<![\w.-])hv[sb]\.[\w-]{20,}/g,
  /(?<![\w.-])SG\.[\w-]{16,}\.[\w-]{16,}/g,
];

/** The scheme of an Authorization header, and what follows it. Prose such as "basic authentication" has no digit. */
const bearer = /(?<![A-Za-z])(bearer|basic) {1,3}([\w.~+/=-]{8,})/gi;

/** Lines that belong together, oldest first; a key that is spread over lines is found in them. */
export function redactLines(lines: readonly string[]): readonly string[] {
  return redactPem(lines).map(redactLine);
}

/** Text of one or more lines. Pure, linear in its length, and of its own result it changes nothing. */
export function redact(text: string): string {
  return text.includes('\n') ? redactLines(text.split('\n')).join('\n') : (redactLines([text])[0] ?? '');
}

function redactLine(line: string): string {
  const shaped = tokens.reduce((text, token) => text.replace(token, mark), redactUrls(line));
  const headers = shaped.replace(bearer, (all: string, scheme: string, value: string) =>
    /[\d=]/.test(value) || /[a-z][A-Z]/.test(value) ? `${scheme} ${mark}` : all,
  );
  return redactNamed(headers);
}
