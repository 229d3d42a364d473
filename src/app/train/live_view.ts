// The training as it goes: progress, numbers and curves. Everything keeps its place whether there are values
// or not.
import { html, type TemplateResult } from 'lit';
import { parseNetwork, trainingOperations } from '../../network/spec.ts';
import type { EpochReport } from '../../training/events.ts';
import { scheduleFactor } from '../../training/schedule.ts';
import type { Session } from '../model/session.ts';
import type { SessionState } from '../model/state.ts';
import type { Measure } from '../parts/curve_chart.ts';
import * as format from '../parts/format.ts';
import type { ChartOptions } from '../parts/line_chart.ts';
import type { Series } from '../parts/series.ts';

export function liveView(session: Session): TemplateResult {
  const { status, phase, progress } = session.state;
  const share = progress ? progress.step / progress.steps : 0;
  return html`
    <section class="panel live" aria-label="Progress" data-phase=${phase}>
      <div class="status-line">
        <p id="status" role="status">${status}</p>
        <p id="share" class="aside">${progress ? format.percent(share, 0) : ''}</p>
      </div>
      <progress id="progress" max="1" .value=${share} aria-label="Steps done"></progress>
      ${numbers(session)}
      <div class="charts">${chart(session, 'loss', 'Loss')} ${chart(session, 'accuracy', 'Accuracy')}</div>
      <details class="rate">
        <summary class="quiet">Learning rate</summary>
        <line-chart id="chart-rate" .options=${rateOptions(session)} .series=${rates(session)}></line-chart>
      </details>
    </section>
  `;
}

function numbers({ state, busy }: Session): TemplateResult {
  const { progress, epochs, run, job } = state;
  const last = epochs.at(-1);
  const speed = busy ? progress?.imagesPerSecond : last?.imagesPerSecond;
  const time = busy
    ? { label: 'Time left', value: progress ? format.duration(progress.secondsLeft) : '–' }
    : { label: 'Time', value: epochs.length > 0 && run ? format.duration(run.report.seconds) : '–' };
  const gflops = speed && job ? (speed * trainingOperations(parseNetwork(job.network))) / 1e9 : undefined;
  return html`
    <dl class="numbers">
      ${number('epoch', 'Epoch', progress ? `${progress.epoch} / ${progress.epochs}` : '–')}
      ${number('loss', 'Training loss', progress ? format.loss(progress.loss) : '–')}
      ${number('test-accuracy', 'Test accuracy', last ? format.percent(last.testAccuracy) : '–')}
      ${number('speed', 'Images/s', speed ? format.count(speed) : '–')}
      ${number('gflops', 'GFLOP/s', gflops === undefined ? '–' : gflops.toFixed(gflops < 10 ? 1 : 0))}
      ${number('time', time.label, time.value)}
    </dl>
    <ul class="milestones" aria-label="Time to a test accuracy, and share of the device’s peak">
      ${MILESTONES.map((share) => html`<li>${format.percent(share, 1)} ${reached(share, epochs)}</li>`)}
      <li id="live-peak">${shareOfPeak(state, gflops)}</li>
    </ul>
  `;
}

/** Test accuracies worth a clock: the classic tutorial's, and what is hard for a dense network. */
const MILESTONES = [0.976, 0.98, 0.99];

/** Training alone; evaluations are left out. */
function reached(share: number, epochs: readonly EpochReport[]): string {
  const at = epochs.findIndex(({ testAccuracy }) => testAccuracy >= share);
  if (at < 0) return 'not reached';
  const seconds = epochs.slice(0, at + 1).reduce((sum, epoch) => sum + epoch.seconds, 0);
  return `after ${format.duration(seconds)}, ${format.plural(at + 1, 'epoch')}`;
}

/**
 * The share of the multiply-adds that the engine's device was measured to do; zeros, which are skipped, count
 * all the same.
 */
function shareOfPeak({ peak, engine }: SessionState, gflops: number | undefined): string {
  if (!peak || !gflops || !engine || peak.engine !== format.engine(engine)) return '';
  return `${format.percent(gflops / peak.gflops, 0)} of the peak, ${peak.gflops.toFixed(0)} GFLOP/s`;
}

function number(id: string, label: string, value: string): TemplateResult {
  return html`<div><dt>${label}</dt><dd id=${`live-${id}`}>${value}</dd></div>`;
}

function rateOptions({ state }: Session): ChartOptions {
  return { label: 'Learning rate by epoch', xTitle: 'epoch', xEnd: state.job?.recipe.epochs ?? 1 };
}

/** The schedule as far as the training has come. */
function rates({ state: { job, progress } }: Session): Series[] {
  if (!job || !progress) return [{ name: 'rate', x: [], y: [] }];
  const { learningRate, schedule, epochs } = job.recipe;
  const count = Math.max(1, Math.round((RATE_POINTS * progress.step) / progress.steps));
  const shares = Array.from({ length: count + 1 }, (_, n) => n / RATE_POINTS);
  return [
    {
      name: 'rate',
      x: shares.map((share) => share * epochs),
      y: shares.map(
        (share) => learningRate * scheduleFactor(schedule, share * progress.steps, progress.steps),
      ),
    },
  ];
}

/** Points that a whole training's schedule is drawn with. */
const RATE_POINTS = 200;

function chart({ state }: Session, measure: Measure, title: string): TemplateResult {
  const epochs = state.progress?.epochs ?? Math.max(1, Number(state.values.epochs) || 1);
  const curves = state.curves?.[measure];
  return html`
    <figure class="chart" id=${`chart-${measure}`}>
      <figcaption>${title} <span class="aside">by epoch</span></figcaption>
      <curve-chart .measure=${measure} .epochs=${epochs} .curves=${curves}></curve-chart>
    </figure>
  `;
}
