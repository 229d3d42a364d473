// Trains a network on MNIST in Node and reads a digit with it: node node.mjs
import { writeFile } from 'node:fs/promises';
import { createSession, loadMnist, saveModel } from 'mnist-kernels';

const session = await createSession();
console.log(`on ${session.engine.adapter}, ${session.engine.threads} threads`);
const mnist = await loadMnist();
const model = await session.train(mnist, {
  recipe: 'quick',
  onEpoch: ({ epoch, testAccuracy }) => console.log(`epoch ${epoch}: ${(100 * testAccuracy).toFixed(2)} %`),
});
const reader = await session.predictor(model);
const digit = mnist.test.images.subarray(0, 784);
const { label, probabilities } = await reader.predict(digit);
console.log(`a ${label}, ${(100 * probabilities[label]).toFixed(1)} % sure; it is a ${mnist.test.labels[0]}`);
await writeFile('model.safetensors', saveModel(model));
await session.close();
