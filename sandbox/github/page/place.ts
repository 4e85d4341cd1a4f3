/** Where in the page one is, kept in the part of the address after `#`. */
export type Place =
  | { readonly kind: 'all' }
  | { readonly kind: 'repository'; readonly repo: string }
  | { readonly kind: 'pull'; readonly repo: string; readonly number: number };

/** `#/acme/shop/pull/3`, as pull requests are linked; anything else leads to the list. */
export const placeOf = (hash: string): Place => {
  const [owner = '', name = '', word, number = ''] = hash.replace(/^#\/?/, '').split('/').map(decoded);
  if (owner === '' || name === '') return { kind: 'all' };
  const repo = `${owner}/${name}`;
  return word === 'pull' && /^\d+$/.test(number)
    ? { kind: 'pull', repo, number: Number(number) }
    : { kind: 'repository', repo };
};

export const hashOf = (place: Place): string => {
  switch (place.kind) {
    case 'all':
      return '#/';
    case 'repository':
      return `#/${place.repo}`;
    case 'pull':
      return `#/${place.repo}/pull/${place.number}`;
  }
};

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};
