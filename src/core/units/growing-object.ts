import { z } from 'zod';

/**
 * An object of a stored document that a later version may add fields to: whoever does not know them leaves them where
 * they are, and so writes them back. Where to ignore a field would be wrong, as in a plan that is to be carried out, the
 * object is strict: then a process that does not know the field leaves the document alone (docs/decisions/0047).
 */
export function growingObject<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}
