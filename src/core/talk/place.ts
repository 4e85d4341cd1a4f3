import { z } from 'zod';

/** Where a message stands. Only the adapter of the chat that it stands in makes and reads one. */
export const placeSchema = z.string().brand<'Place'>();
export type Place = z.infer<typeof placeSchema>;
