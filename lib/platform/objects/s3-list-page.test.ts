import { describe, expect, test } from 'vitest';
import { parseListPage } from './s3-list-page.ts';

const page = (inside: string) => `<?xml version="1.0"?><ListBucketResult>${inside}</ListBucketResult>`;
const contents = (...keys: string[]) =>
  keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('');

describe('parseListPage', () => {
  test('keys of a store that encodes them are decoded, also a plus sign', () => {
    const xml = page(`<EncodingType>url</EncodingType>${contents('a+b', 'a%2Bb', 'gr%C3%B6%C3%9Fe')}`);
    expect(parseListPage(xml).keys).toEqual(['a b', 'a+b', 'größe']);
  });

  test('keys of a store that does not are taken as they are, entities aside', () => {
    expect(parseListPage(page(contents('a+b', 'a%2Bb', 'a&amp;b', 'it&#39;s', ' 007'))).keys).toEqual([
      'a+b',
      'a%2Bb',
      'a&b',
      "it's",
      ' 007',
    ]);
  });

  test.each([
    { name: 'a last page', inside: '<IsTruncated>false</IsTruncated>', want: null },
    {
      name: 'a page with more to come',
      inside: '<IsTruncated>true</IsTruncated><NextContinuationToken>abc=</NextContinuationToken>',
      want: 'abc=',
    },
  ])('$name goes on from $want', ({ inside, want }) => {
    expect(parseListPage(page(inside))).toEqual({ keys: [], next: want });
  });

  test('what is no listing is refused', () => {
    expect(() => parseListPage('<html>busy</html>')).toThrow();
  });
});
