/** The part of hotpair.yaml that says how much of the history is kept. */

import { Type } from 'typebox';

const strict = { additionalProperties: false } as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const length = (description: string, text: string) =>
  Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,3}[hd]$', default: text, description }));

export const StoreSchema = Type.Object(
  {
    events: Type.Optional(
      Type.Integer({
        ...{ minimum: 1000, maximum: 10_000_000, default: 200_000 },
        description: 'How many events are kept, the newest ones; some 300 bytes each.',
      }),
    ),
    decisions: Type.Optional(
      Type.Integer({
        ...{ minimum: 1000, maximum: 10_000_000, default: 40_000 },
        description: 'How many decisions of the guards are kept; some 1.5 kB each.',
      }),
    ),
    samples: Type.Optional(
      Type.Object(
        {
          fine: length('How long the measurements of every 10 s are kept, e.g. 6h or 2d.', '6h'),
          minutes: length('How long those of every minute are kept.', '3d'),
          ten_minutes: length('How long those of every 10 minutes are kept.', '100d'),
        },
        {
          ...strict,
          description: 'Measurements for plots and reports; with the defaults some 1.5 MB a pair.',
        },
      ),
    ),
  },
  { ...strict, description: 'How much of the history is kept.' },
);

/** How long the samples of each step are kept, ms. */
export interface SampleRetention {
  readonly fineMs: number;
  readonly minuteMs: number;
  readonly tenMinutesMs: number;
}

/** With every default filled in. */
export interface StoreSpec {
  readonly events: number;
  readonly decisions: number;
  readonly samples: SampleRetention;
}

export const STORE_DEFAULTS: StoreSpec = {
  events: 200_000,
  decisions: 40_000,
  samples: { fineMs: 6 * HOUR_MS, minuteMs: 3 * DAY_MS, tenMinutesMs: 100 * DAY_MS },
};

/** `6h`, `3d` to milliseconds; `text` fits the schema. */
export function keepMs(text: string): number {
  return Number(text.slice(0, -1)) * (text.endsWith('h') ? HOUR_MS : DAY_MS);
}
