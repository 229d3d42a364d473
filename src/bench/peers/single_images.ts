// One image a call, from pixels in JavaScript to logits in JavaScript: what latency is of.
import { slice } from '../../data/dataset.ts';
import type { Contestant } from '../contestant.ts';
import { pixels, type Work } from '../work.ts';

/** Images that calls go through again and again. */
const IMAGES = 100;
/** Images whose logits are the answer. */
export const ANSWER_IMAGES = 10;

type About = Pick<Contestant, 'name' | 'version' | 'threads' | 'dispose'>;

/** @param predict float32 pixels of one image, in [0, 1], to its logits */
export function singleImages(
  work: Work,
  about: About,
  predict: (image: Float32Array) => Promise<ArrayLike<number>>,
): Contestant {
  return oneByOne(
    imagesOf(work, (index) => pixels(work.test, index, 1)),
    about,
    predict,
  );
}

/** @param predict the pixels of one image as they lie in the data set, to its logits */
export function singleByteImages(
  work: Work,
  about: About,
  predict: (image: Uint8Array) => Promise<ArrayLike<number>>,
): Contestant {
  return oneByOne(
    imagesOf(work, (index) => slice(work.test, index, index + 1).images),
    about,
    predict,
  );
}

const imagesOf = <T>({ test }: Work, image: (index: number) => T): T[] =>
  Array.from({ length: Math.min(IMAGES, test.count) }, (_, index) => image(index));

function oneByOne<T>(
  images: readonly T[],
  about: About,
  predict: (image: T) => Promise<ArrayLike<number>>,
): Contestant {
  let next = 0;
  return {
    ...about,
    async run(count) {
      for (let call = 0; call < count; call++) await predict(images[next++ % images.length]);
    },
    async answer() {
      const logits: number[] = [];
      for (const image of images.slice(0, ANSWER_IMAGES)) logits.push(...Array.from(await predict(image)));
      return Float32Array.from(logits);
    },
  };
}
