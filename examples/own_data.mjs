// One's own images: horizontal and vertical bars of 8 × 8 pixels, told apart by a small network.
import { createSession, defineDataset, recipes } from 'mnist-kernels';

const [width, height] = [8, 8];

/** Bars at random places, each with some grey noise. */
function bars(count) {
  const images = new Uint8Array(count * width * height);
  const labels = Uint8Array.from({ length: count }, (_, n) => n % 2);
  for (let n = 0; n < count; n++) {
    const at = Math.floor(Math.random() * width);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const ink = (labels[n] === 0 ? y : x) === at ? 255 : 60 * Math.random();
        images[(n * height + y) * width + x] = ink;
      }
  }
  return { images, labels };
}

const classNames = ['horizontal', 'vertical'];
const dataset = defineDataset({ width, height, classNames, train: bars(2000), test: bars(500) });
const session = await createSession();
const model = await session.train(dataset, {
  network: '64-16-2',
  recipe: { ...recipes.quick, epochs: 5 },
});
console.log(`${(100 * model.accuracy).toFixed(1)} % of 500 bars are told apart`);
const reader = await session.predictor(model);
const answers = await reader.predict([
  dataset.test.images.subarray(0, 64),
  dataset.test.images.subarray(64, 128),
]);
console.log(answers.map(({ label }) => classNames[label]).join(', '));
await session.close();
