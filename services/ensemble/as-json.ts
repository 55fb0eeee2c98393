import { canonicalJson } from '#formats/canonical-json.ts';
import type { Json } from '#steps/step.ts';

/** A value of plain fields as a manifest holds it. @throws {TypeError} for what JSON cannot hold, such as NaN. */
export const asJson = (value: object): Json => JSON.parse(canonicalJson(value));
