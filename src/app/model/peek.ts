// As much of a network in the midst of its training as a picture shows.
import type { LabelledDigit } from '../parts/digit_image.ts';

/** A test image whose answer is watched. */
export type Specimen = LabelledDigit;

export interface Peek {
  /** Float32 [specimens, classes]: what the network takes each for. */
  readonly probabilities: Float32Array;
  /** From the one next to the pixels to the classes. */
  readonly layers: readonly LayerPeek[];
}

/** The first units of one dense layer. */
export interface LayerPeek {
  /** Of the whole layer. */
  readonly units: number;
  readonly shown: number;
  /**
   * Of the first layer int8 [shown, pixels], where 127 stands for the unit's largest weight; of the others
   * float32 [units shown before, shown].
   */
  readonly weights: Int8Array | Float32Array;
  /** Float32 [specimens, shown]: what the units put out; of the last layer the probabilities. */
  readonly activity: Float32Array;
}
