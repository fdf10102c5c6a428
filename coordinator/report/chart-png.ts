/** One chart as a PNG, without any text: mail programs show pictures, and leave out SVG. Pure. */

import type { ChartLine } from './charts.ts';
import { encodePng } from './png.ts';

/** Twice the points that it is shown with, for screens that have them. */
export const CHART = { width: 1280, height: 200 } as const;
const { width: WIDTH, height: HEIGHT } = CHART;
const LINE = 4;
const GRID_LINES = 4;

/** Background, grid, unknown; then the line and the area of each series. */
const PALETTE = [
  [255, 255, 255],
  [225, 228, 232],
  [241, 243, 245],
  [9, 105, 218],
  [214, 232, 252],
  [191, 108, 0],
  [255, 238, 209],
] as const;
const GRID = 1;
const UNKNOWN = 2;
const FIRST_SERIES = 3;

/** `top` is the value of the upper edge, and over 0. */
export function chartPng(lines: readonly ChartLine[], top: number): Buffer {
  const points = new Uint8Array(WIDTH * HEIGHT);
  const paint = (x: number, fromY: number, toY: number, colour: number): void => {
    for (let y = Math.max(0, fromY); y < Math.min(HEIGHT, toY); y += 1) points[y * WIDTH + x] = colour;
  };
  const heights = lines.map(({ values }) => columnHeights(values, top));
  for (let x = 0; x < WIDTH; x += 1) {
    if (heights.every((column) => column[x] == null)) paint(x, 0, HEIGHT, UNKNOWN);
    for (const [index, column] of heights.entries())
      paintArea(x, column, FIRST_SERIES + 2 * index + 1, paint);
    for (let line = 1; line <= GRID_LINES; line += 1) paint(x, gridRow(line), gridRow(line) + 1, GRID);
    for (const [index, column] of heights.entries()) paintEdge(x, column, FIRST_SERIES + 2 * index, paint);
  }
  return encodePng({ width: WIDTH, height: HEIGHT, palette: PALETTE, points });
}

type Paint = (x: number, fromY: number, toY: number, colour: number) => void;
type Heights = readonly (number | null)[];

const gridRow = (line: number): number => Math.round((HEIGHT - 1) * (1 - line / GRID_LINES));

/** Height of the series at each column of points, in points; null where it is not known. */
function columnHeights(values: readonly (number | null)[], top: number): Heights {
  return Array.from({ length: WIDTH }, (_, x) => {
    const value = values[Math.floor((x * values.length) / WIDTH)] ?? null;
    return value === null ? null : Math.round((Math.min(value, top) / top) * (HEIGHT - LINE));
  });
}

function paintArea(x: number, heights: Heights, colour: number, paint: Paint): void {
  const height = heights[x] ?? null;
  if (height !== null) paint(x, HEIGHT - height, HEIGHT, colour);
}

/** The upper edge, joined to the column before it. */
function paintEdge(x: number, heights: Heights, colour: number, paint: Paint): void {
  const height = heights[x] ?? null;
  if (height === null) return;
  const before = heights[x - 1] ?? height;
  const [low, high] = [Math.min(before, height), Math.max(before, height)];
  paint(x, HEIGHT - high - LINE, HEIGHT - low, colour);
}
