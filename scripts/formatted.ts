import { format } from 'oxfmt';
import options from '../.oxfmtrc.json' with { type: 'json' };

/**
 * What is generated as the formatter would leave it, so that it passes the check of formats. `path` says the language by
 * its ending; nothing is read or written there. Throws where the content has a syntax error.
 */
export async function formatted(path: string, content: string): Promise<string> {
  const { code, errors } = await format(path, content, options);
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join('; ')}`);
  return code;
}
