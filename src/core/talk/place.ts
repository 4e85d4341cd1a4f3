import { z } from 'zod';

/** The place of a message in the chat. Only the chat's adapter creates and reads it. */
export const placeSchema = z.string().brand<'Place'>();
export type Place = z.infer<typeof placeSchema>;
