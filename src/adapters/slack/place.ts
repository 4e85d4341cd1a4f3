import { type Place, placeSchema } from '../../core/talk/place.ts';

/** `C024BE91L/1790000000.000100`: the channel, and Slack's id of the message, which sorts by time. */
export function placeOf(channel: string, ts: string): Place {
  return placeSchema.parse(`${channel}/${ts}`);
}

export function readPlace(place: Place): { readonly channel: string; readonly ts: string } {
  const [channel = '', ts = ''] = place.split('/');
  return { channel, ts };
}
