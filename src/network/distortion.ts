// Random distortions of images: what a recipe says of them.
import * as v from 'valibot';
import { InputError } from '../errors.ts';

const upTo = (maximum: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(maximum));

/**
 * Each image is distorted anew whenever it is gathered, every part at random within its bounds (Simard,
 * Steinkraus and Platt, ICDAR 2003, section 2; Ciresan et al., arXiv:1003.0358).
 */
export interface Distortion {
  /** Degrees to either side. */
  readonly rotation: number;
  /** A share of width and height, drawn for each apart: 0.15 is from 85 % to 115 %. */
  readonly scale: number;
  /** Columns to either side for each row from the centre. */
  readonly shear: number;
  /** Pixels in each direction. */
  readonly shift: number;
  /** Standard deviation of the elastic field's displacements, in pixels. */
  readonly elastic: number;
  /** Standard deviation of the Gaussian that smooths the elastic field, in pixels. */
  readonly smoothness: number;
  /** Share of the training's steps at its end that see the images as they are. */
  readonly rest: number;
}

export const distortionSchema = v.object({
  rotation: upTo(90),
  scale: upTo(0.9),
  shear: upTo(2),
  shift: upTo(28),
  elastic: upTo(28),
  smoothness: v.pipe(v.number(), v.minValue(1), v.maxValue(28)),
  rest: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
} satisfies { [F in keyof Distortion]: v.GenericSchema<Distortion[F]> });

/** What digits bear well: Ciresan et al. (arXiv:1003.0358) take as much. */
export const DEFAULT_DISTORTION: Distortion = {
  rotation: 12,
  scale: 0.15,
  shear: 0.15,
  shift: 1.5,
  elastic: 1,
  smoothness: 5,
  rest: 0,
};

/**
 * Reads "none", or values that differ from the usual ones: "rotation=15,elastic=0.5".
 * @returns undefined for none; the values are checked with the recipe
 * @throws InputError naming what is no part of a distortion, or no number
 */
export function parseDistortion(text: string): Distortion | undefined {
  if (text === 'none') return undefined;
  const names = Object.keys(DEFAULT_DISTORTION);
  const given = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [name, value = ''] = part.split('=').map((each) => each.trim());
      if (!names.includes(name) || value === '' || Number.isNaN(Number(value)))
        throw new InputError(`distortion "${part}": expected none, or NAME=NUMBER of ${names.join(', ')}`);
      return [name, Number(value)] as const;
    });
  return { ...DEFAULT_DISTORTION, ...Object.fromEntries(given) };
}

/** What {@link parseDistortion} reads back. */
export function formatDistortion(distortion: Distortion | undefined): string {
  if (!distortion) return 'none';
  return Object.entries(distortion)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}
