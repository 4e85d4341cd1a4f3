const slack = 'slack.com';

/**
 * Whether an answer may be posted there: Slack itself, or the host that stands in for it by configuration. Anything
 * else would make the bot post what it knows to an address of somebody's choice, inside the cluster too.
 */
export function isSlackUrl(url: string, apiUrl: string | undefined): boolean {
  const given = parsed(url);
  if (given === null) return false;
  const api = apiUrl === undefined ? null : parsed(apiUrl);
  if (
    api !== null &&
    given.protocol === api.protocol &&
    given.port === api.port &&
    isWithin(given.hostname, api.hostname)
  )
    return true;
  return given.protocol === 'https:' && given.port === '' && isWithin(given.hostname, slack);
}

function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

function parsed(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
