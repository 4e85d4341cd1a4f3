/**
 * Which program an image is, whatever its version: `registry:5000/shop/catalog` of
 * `registry:5000/shop/catalog:1.4@sha256:…` (the grammar of references, distribution/reference). Null for a bare digest
 * (`sha256:…`, as some runtimes report an image that has lost its name), which names no repository.
 */
export function imageRepository(image: string): string | null {
  const [named = ''] = image.split('@');
  const colon = named.lastIndexOf(':');
  const repository = colon > named.lastIndexOf('/') ? named.slice(0, colon) : named;
  return repository === '' || repository === 'sha256' ? null : repository;
}
