import { type Place, placeSchema } from '../../core/talk/place.ts';

/** `C024BE91L/1790000000.000100`: the channel, and Slack's id of the message, which sorts by time. */
export function placeOf(channel: string, ts: string): Place {
  return placeSchema.parse(`${channel}/${ts}`);
}

/** The address of a message; `teamUrl` is `https://acme.slack.com/`. Null where it is not known. */
export function permalink(teamUrl: string | null, place: Place | null): string | null {
  if (teamUrl === null || place === null) return null;
  const { channel, ts } = readPlace(place);
  return `${teamUrl}archives/${channel}/p${ts.replace('.', '')}`;
}

export function readPlace(place: Place): { readonly channel: string; readonly ts: string } {
  const [channel = '', ts = ''] = place.split('/');
  return { channel, ts };
}
