/** Where the parts of the picture of a pair stand: side by side, or one above the other on a narrow screen. Pure. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Line {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly hosts: readonly [Box, Box];
  readonly witness: Box;
  readonly hostLink: Line;
  readonly witnessLinks: readonly [Line, Line];
  /** From the first host to the second. */
  readonly flow: Line;
  /** The VIP where each host has it, and where nobody has it. */
  readonly vip: readonly [Box, Box];
  readonly vipNowhere: Box;
  /** There is room for words beside the lines. */
  readonly labels: boolean;
}

export const WIDE: Geometry = {
  ...{ width: 760, height: 404, labels: true },
  hosts: [
    { x: 16, y: 132, width: 256, height: 164 },
    { x: 488, y: 132, width: 256, height: 164 },
  ],
  witness: { x: 300, y: 12, width: 160, height: 60 },
  hostLink: { from: [272, 166], to: [488, 166] },
  witnessLinks: [
    { from: [190, 132], to: [300, 52] },
    { from: [570, 132], to: [460, 52] },
  ],
  flow: { from: [272, 236], to: [488, 236] },
  vip: [
    { x: 44, y: 322, width: 200, height: 38 },
    { x: 516, y: 322, width: 200, height: 38 },
  ],
  vipNowhere: { x: 280, y: 322, width: 200, height: 38 },
};

export const NARROW: Geometry = {
  ...{ width: 360, height: 472, labels: false },
  hosts: [
    { x: 4, y: 4, width: 352, height: 138 },
    { x: 4, y: 270, width: 352, height: 138 },
  ],
  witness: { x: 246, y: 176, width: 110, height: 60 },
  hostLink: { from: [172, 142], to: [172, 270] },
  witnessLinks: [
    { from: [301, 142], to: [301, 176] },
    { from: [301, 270], to: [301, 236] },
  ],
  flow: { from: [204, 142], to: [204, 270] },
  vip: [
    { x: 4, y: 160, width: 156, height: 36 },
    { x: 4, y: 426, width: 156, height: 36 },
  ],
  vipNowhere: { x: 100, y: 426, width: 160, height: 36 },
};

export function middleOf({ from, to }: Line): readonly [number, number] {
  return [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
}
