import { type KeyObject, verify } from 'node:crypto';
import { isObject, type JsonObject } from '../../slack/json.ts';
import { ApiError } from '../api-error.ts';

/** GitHub's own limit on the life of a token that an app signs for itself, s. */
const longestLifeS = 600;
/** A clock that is ahead by less is forgiven, s. */
const forgivenS = 60;

/**
 * Checks the JSON Web Token that an app signs with its private key (RS256). `now` is ms UTC.
 * @throws ApiError 401 in the words that octokit looks for when it corrects its clock
 */
export function checkAppToken(
  token: string,
  { issuer, now, publicKey }: { readonly publicKey: KeyObject; readonly issuer: string; readonly now: number },
): void {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = parse(payload);
  const isSigned =
    parse(header)?.['alg'] === 'RS256' &&
    verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), publicKey, Buffer.from(signature, 'base64url'));
  if (!isSigned || claims === undefined) throw new ApiError(401, 'A JSON web token could not be decoded');
  const { exp, iat, iss } = claims;
  const nowS = now / 1000;
  if (typeof iat !== 'number' || !Number.isInteger(iat) || iat > nowS + forgivenS) {
    throw new ApiError(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  if (typeof exp !== 'number' || exp <= nowS) {
    throw new ApiError(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (exp > nowS + longestLifeS + forgivenS) {
    throw new ApiError(401, "'Expiration time' claim ('exp') is too far in the future");
  }
  if (String(iss) !== issuer) throw new ApiError(404, 'Integration not found');
}

function parse(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
