// Trains in the browser, in a worker of its own. The data first: npx mnist-kernels data public/mnist
import { createSession, loadMnist } from 'mnist-kernels';

const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;

const session = await createSession();
const { backend, adapter, threads } = session.engine;
element('engine').textContent = `${backend}: ${adapter}, threads: ${threads}`;

const mnist = await loadMnist();
const model = await session.train(mnist, {
  recipe: 'quick',
  onProgress({ step, steps }) {
    element<HTMLProgressElement>('progress').value = step / steps;
  },
});
const reader = await session.predictor(model);
const { label } = await reader.predict(mnist.test.images.subarray(0, 784));
element('result').textContent =
  `${(100 * (model.accuracy ?? 0)).toFixed(2)} % of the test images recognised; the first is a ${label}`;
