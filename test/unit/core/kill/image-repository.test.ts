import { expect, test } from 'vitest';
import { imageRepository } from '../../../../src/core/kill/image-repository.ts';

test.each([
  ['shop:1.4', 'shop'],
  ['shop', 'shop'],
  ['shop/catalog:1.4', 'shop/catalog'],
  ['hub.example.com:5000/shop/catalog', 'hub.example.com:5000/shop/catalog'],
  ['hub.example.com:5000/shop/catalog:1.4', 'hub.example.com:5000/shop/catalog'],
  ['shop/catalog@sha256:6a1f', 'shop/catalog'],
  ['hub:5000/shop/catalog:1.4@sha256:6a1f', 'hub:5000/shop/catalog'],
  ['sha256:6a1f', null],
  ['', null],
])('the repository of %j is %j', (image, repository) => {
  expect(imageRepository(image)).toBe(repository);
});
