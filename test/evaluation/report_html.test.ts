// The HTML report of MNIST told by the nearest class mean: complete, self-contained and escaped.
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Dataset, slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { type Evaluation, evaluate } from '../../src/evaluation/evaluation.ts';
import { rankFirstLayer, weightsInto } from '../../src/evaluation/first_layer.ts';
import { greyPngUrl } from '../../src/evaluation/png.ts';
import { type ReportOptions, renderReport } from '../../src/evaluation/report_html.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { recordOf, type TrainReport } from '../../src/training/report.ts';

const PIXELS = 784;

const recipe: Recipe = {
  name: 'quick',
  epochs: 5,
  batch: 128,
  optimizer: DEFAULT_OPTIMIZERS.sgd,
  learningRate: 0.1,
  schedule: { kind: 'one-cycle', warmup: 0.2 },
  initialisation: 'he',
  dropout: 0,
  labelSmoothing: 0,
};

const network = parseNetwork('784-128-10');
const parameters = initialParameters(network, 'he', 1);

/** Logits −|x − mean|²/2σ²: the nearest class mean wins. */
function nearestMeanLogits({ train, test }: Dataset): Float32Array {
  const means = Array.from({ length: 10 }, () => new Float64Array(PIXELS));
  const counts = new Float64Array(10);
  for (let n = 0; n < train.count; n++) {
    const mean = means[train.labels[n]];
    counts[train.labels[n]]++;
    for (let i = 0; i < PIXELS; i++) mean[i] += train.images[n * PIXELS + i];
  }
  return Float32Array.from({ length: test.count * 10 }, (_, at) => {
    const [n, c] = [Math.floor(at / 10), at % 10];
    let distance = 0;
    for (let i = 0; i < PIXELS; i++) distance += (test.images[n * PIXELS + i] - means[c][i] / counts[c]) ** 2;
    return -distance / (2 * 255 ** 2);
  });
}

function trainReport(evaluation: Evaluation): TrainReport {
  const stepLosses = Array.from({ length: 5 * 469 }, (_, i) => 0.03 + 2.3 * Math.exp(-((i / 60) ** 0.6)));
  return {
    schema: 'mnist-kernels/train@1',
    environment: {
      runtime: 'node 20.0.0',
      userAgent: 'node',
      backend: 'wasm',
      adapter: 'WASM relaxed-simd',
      threads: 2,
      simd: 'relaxed-simd',
    },
    network: '784-128-10',
    recipe,
    seed: 1,
    batch: 128,
    dataset: { name: 'MNIST', train: 60_000, test: 10_000 },
    epochs: [0.942, 0.965, 0.973, 0.977, 0.979].map((testAccuracy, i) => ({
      epoch: i + 1,
      trainLoss: 0.33 / (i + 1),
      trainAccuracy: [0.905, 0.962, 0.975, 0.983, 0.987][i],
      testLoss: [0.19, 0.115, 0.087, 0.072, 0.066][i],
      testAccuracy,
      seconds: 1.8,
      imagesPerSecond: 33_000 + 400 * i,
    })),
    seconds: 9.7,
    stopped: false,
    keptEpoch: 5,
    stepLosses,
    test: { accuracy: evaluation.accuracy, loss: evaluation.loss, confusion: evaluation.confusion },
    parameters: { count: 101_770, sha256: '6e34'.repeat(16) },
  };
}

let options: ReportOptions & { report: TrainReport };
let html: string;
beforeAll(async () => {
  const whole = await loadMnistNode();
  const dataset = { ...whole, test: slice(whole.test, 0, 2000) };
  const evaluation = evaluate(nearestMeanLogits(dataset), dataset.test, 10);
  options = {
    title: 'MNIST, 784-128-10',
    dataset,
    model: { network, parameters, recipe, seed: 1 },
    evaluation,
    report: trainReport(evaluation),
  };
  html = renderReport(options);
});

describe('renderReport', () => {
  it('needs nothing but itself', () => {
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<script|<link|<iframe|https?:|@import|url\(|\son\w+=/i);
    const sources = [...html.matchAll(/\ssrc="([^"]*)"/g)].map(([, source]) => source);
    // The mistakes, and the first layer.
    expect(sources).toHaveLength(60 + 24);
    for (const source of sources) expect(source).toMatch(/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/);
  });

  it('shows model, run, accuracy with its interval, and every confusion count', () => {
    const { evaluation } = options;
    const percent = (share: number) => `${(100 * share).toFixed(2)}\u00a0%`;
    expect(evaluation.accuracy).toBeGreaterThan(0.75);
    for (const text of [
      '784-128-10',
      '101,770',
      'quick',
      'WASM relaxed-simd',
      percent(evaluation.accuracy),
      `${percent(evaluation.interval.low)} to ${percent(evaluation.interval.high)}`,
    ]) {
      expect(html).toContain(text);
    }
    const cells = [...html.matchAll(/<td class="(?:right|wrong|none)[^>]*>([^<]*)<\/td>/g)].map(([, n]) => n);
    expect(cells).toEqual(evaluation.confusion.flat().map(String));
  });

  it('shows mistakes by their images, true class first', () => {
    const [worst] = options.evaluation.mistakes;
    const image = options.dataset.test.images.subarray(worst.index * PIXELS, (worst.index + 1) * PIXELS);
    expect(html).toContain(greyPngUrl(28, 28, image));
    expect(html).toContain(`<b>${worst.label} → ${worst.predicted}</b>`);
  });

  it('shows how often it is right by how sure it is', () => {
    const { bins, error } = options.evaluation.calibration;
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(2000);
    const filled = bins.filter(({ count }) => count > 0).length;
    expect(html.match(/<rect class="bin"/g)).toHaveLength(filled);
    expect(html.match(/<line class="interval"/g)).toHaveLength(filled);
    expect(html).toContain(`${(100 * error).toFixed(2)}\u00a0%</strong>`);
    expect(html).toContain('<th scope="row">90 to 100\u00a0%</th>');
  });

  it('shows the weights of the first layer in the palette’s colours, light and dark', () => {
    const [unit] = rankFirstLayer(options.model);
    const [, dark, light, source] = html.match(
      new RegExp(
        `srcset="data:image/png;base64,([^"]+)"><img src="data:image/png;base64,([^"]+)"\\s+width="28" height="28" alt="Weights of unit (${unit.index})"`,
      ),
    )!;
    expect(source).toBe(String(unit.index));
    const weights = weightsInto(parameters.kernel0, 128, unit.index);
    const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    for (const [encoded, positive, negative] of [
      [light, [36, 87, 197], [214, 96, 30]],
      [dark, [98, 144, 245], [240, 130, 62]],
    ] as const) {
      const { data } = PNG.sync.read(Buffer.from(encoded, 'base64'));
      for (const [i, weight] of weights.entries()) {
        const [...colour] = data.subarray(4 * i, 4 * i + 3);
        expect(colour).toEqual(weight > 0 ? positive : negative);
        expect(Math.abs(data[4 * i + 3] - (255 * Math.abs(weight)) / largest)).toBeLessThanOrEqual(0.5);
      }
    }
  });

  it('has every colour from the palette, which the page has too', () => {
    const [style] = html.match(/<style>.*<\/style>/s)!;
    const palette = readFileSync('src/evaluation/palette.css', 'utf8');
    expect(style).toContain(palette);
    expect(readFileSync('src/app/styles.css', 'utf8')).toContain('@import "../evaluation/palette.css";');
    for (const file of ['src/evaluation/report.css', 'src/evaluation/parts.css'])
      expect(readFileSync(file, 'utf8')).not.toMatch(/#[0-9a-f]{3,8}\b|rgb\(\d/);
    // On paper, too.
    expect(style).toMatch(/@media print \{.*print-color-adjust: exact;/s);
    const asked = [...style.matchAll(/var\((--[\w-]+)/g)].map(([, name]) => name);
    const given = new Set([...style.matchAll(/(--[\w-]+):/g)].map(([, name]) => name));
    // That of a cell is its own.
    expect(asked.filter((name) => !given.has(name) && name !== '--heat')).toEqual([]);
  });

  it('draws curves of finite coordinates when there was a training, and none otherwise', () => {
    expect(html.match(/<polyline points="[^"]+"/g)).toHaveLength(4);
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
    const untrained = renderReport({ ...options, report: undefined });
    expect(untrained).not.toContain('<polyline');
    expect(untrained).toContain('<h2>Confusion</h2>');
  });

  it('calls held-out images what they are, and never test images', () => {
    const held = renderReport({ ...options, judgedBy: 'held-out' });
    expect(held).toContain('of 2,000 held-out images of');
    expect(held).toContain('train / held-out');
    expect(held.replaceAll('held-out', 'test')).toBe(html);
    expect(held.replace(/<style>[\s\S]*<\/style>/, '')).not.toMatch(/[^-]\btest\b/);
  });

  it('tells of a training without times what a model keeps of it', () => {
    const timeless = renderReport({
      ...options,
      report: { ...recordOf(options.report), builds: ['wasm simd', 'wasm relaxed-simd'] },
    });
    expect(timeless).toContain('<dt>build</dt><dd>wasm simd, then wasm relaxed-simd</dd>');
    expect(timeless).not.toMatch(/<dt>time|images\/s|NaN|undefined/);
    expect(html).toMatch(/<dt>time<\/dt><dd>9.7 s<\/dd>/);
    expect(timeless.match(/<polyline points="[^"]+"/g)).toHaveLength(4);
  });

  it('draws a training of one epoch and one with losses that are not finite', () => {
    const [epoch] = options.report.epochs;
    const one = renderReport({ ...options, report: { ...options.report, epochs: [epoch] } });
    expect(one.match(/ by epoch"/g)).toHaveLength(2);
    const diverged = { ...epoch, trainLoss: Number.NaN, testLoss: Infinity };
    const report = { ...options.report, epochs: [diverged], stepLosses: [Number.NaN, 0] };
    const evaluation = { ...options.evaluation, loss: Number.NaN };
    const strange = renderReport({ ...options, evaluation, report });
    expect(strange).not.toMatch(/NaN|Infinity|undefined/);
    expect(strange).toContain('mean loss not finite');
  });

  it('names the source of a network that another program trained, and no recipe', () => {
    const { report: _, ...rest } = options;
    const model = { network, parameters, source: 'ONNX by <b>', activation: 'tanh' } as const;
    const page = renderReport({ ...rest, model });
    expect(page).toContain('<dt>source</dt><dd>ONNX by &lt;b&gt;</dd>');
    expect(page).toContain('<dt>activation</dt><dd>tanh</dd>');
    expect(page).not.toMatch(/<h2>Recipe|<dt>seed|undefined/);
  });

  it('escapes every name', () => {
    const evil = `<script>alert("1")</script>'&`;
    const { report, dataset } = options;
    const page = renderReport({
      ...options,
      title: evil,
      dataset: { ...dataset, name: evil },
      model: { network, parameters, recipe: { ...recipe, name: evil }, seed: 1 },
      report: { ...report, environment: { ...report.environment, adapter: evil, runtime: evil, simd: evil } },
    });
    expect(page).not.toContain('<script');
    expect(page).not.toContain(evil);
    expect(
      page.match(/&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&#39;&amp;/g)!.length,
    ).toBeGreaterThan(5);
  });

  it('says so when there are no mistakes', () => {
    const perfect = evaluate(
      Float32Array.of(9, 0, 0, 9),
      { count: 2, images: new Uint8Array(2 * PIXELS), labels: Uint8Array.of(0, 1) },
      2,
    );
    expect(renderReport({ ...options, evaluation: perfect })).toContain('<p>None.</p>');
  });
});

describe('greyPngUrl', () => {
  it('is a PNG that a decoder reads back', () => {
    const pixels = Uint8Array.from({ length: 35 }, (_, i) => (i * 37) & 255);
    const bytes = Buffer.from(greyPngUrl(5, 7, pixels).split(',')[1], 'base64');
    const { width, height, data } = PNG.sync.read(bytes);
    expect([width, height]).toEqual([5, 7]);
    expect(data.filter((_, i) => i % 4 === 0)).toEqual(Buffer.from(pixels));
  });

  it('calls classes by their names, escaped', () => {
    const classNames = [...'abcdefgh', 'i & j', '<k>'];
    const named = renderReport({ ...options, dataset: { ...options.dataset, classNames } });
    const [{ label, predicted }] = options.evaluation.mistakes;
    const escaped = [...classNames.slice(0, 8), 'i &amp; j', '&lt;k&gt;'];
    expect(named).toContain(`<b>${escaped[label]} → ${escaped[predicted]}</b>`);
    for (const name of escaped) {
      expect(named.split(`<th scope="row">${name}</th>`)).toHaveLength(3);
      expect(named).toContain(`<th scope="col">${name}</th>`);
    }
    expect(named).not.toMatch(/<k>|title="\d taken for/);
  });
});
