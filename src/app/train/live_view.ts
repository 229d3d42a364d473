// The training as it goes: the answers to a few test images from the first moment on; the network, numbers and
// curves once something trains.
import { html, nothing, type TemplateResult } from 'lit';
import { parseNetwork, trainingOperations } from '../../network/spec.ts';
import type { EpochReport } from '../../training/events.ts';
import { scheduleFactor } from '../../training/schedule.ts';
import { judge, judged } from '../model/judge.ts';
import type { Session } from '../model/session.ts';
import type { SessionState } from '../model/state.ts';
import type { Measure } from '../parts/curve_chart.ts';
import * as format from '../parts/format.ts';
import type { ChartOptions } from '../parts/line_chart.ts';
import type { Series } from '../parts/series.ts';
import { remarksOn } from './remarks.ts';
import './specimen_row.ts';

/** @param drawable charts and the network's picture are loaded */
export function liveView(session: Session, drawable: boolean): TemplateResult {
  const { status, phase, progress, part } = session.state;
  const begun = session.busy || progress !== undefined;
  return html`
    <section class="panel live" aria-label="Progress" data-phase=${phase}>
      <div class="status-line">
        <p id="status" role="status">${status}</p>
        <p class="aside">
          ${session.busy && part ? html`<span id="part">Sweep ${part.index} of ${part.count}</span>` : nothing}
          ${progress ? html`<span id="at-step">Step ${format.count(progress.step)} of ${format.count(progress.steps)}</span> <span id="share">${format.percent(progress.step / progress.steps, 0)}</span>` : nothing}
        </p>
      </div>
      <progress id="progress" max="1" .value=${progress ? progress.step / progress.steps : 0} aria-label="Steps done" ?hidden=${!begun}></progress>
      <specimen-row .session=${session}></specimen-row>
      ${begun ? course(session, drawable) : promise(session)}
    </section>
  `;
}

/** Before anything was trained. */
function promise({ state: { shape } }: Session): TemplateResult {
  const what = shape.name === 'MNIST' ? 'digits' : 'images';
  return html`<p class="note promise">Ten ${what} from the test images, which the network never trains on. Press Train, and watch its answers change.</p>`;
}

function course(session: Session, drawable: boolean): TemplateResult {
  return html`
    <div class="network-place">${drawable ? html`<network-panel .session=${session}></network-panel>` : nothing}</div>
    ${numbers(session)}
    <div class="charts">${chart(session, 'loss', 'Loss', drawable)} ${chart(session, 'accuracy', 'Accuracy', drawable)}</div>
    <details class="rate">
      <summary class="quiet">Learning rate</summary>
      ${drawable ? html`<line-chart id="chart-rate" .options=${rateOptions(session)} .series=${rates(session)}></line-chart>` : nothing}
    </details>
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
  const peak = peakOf(state);
  const share = peak && gflops ? gflops / peak : undefined;
  return html`
    <dl class="numbers">
      ${number('epoch', 'Epoch', progress ? `${progress.epoch} / ${progress.epochs}` : '–')}
      ${number('loss', 'Training loss', progress ? format.loss(progress.loss) : '–')}
      ${number('test-accuracy', judged(job?.holdOut, 'accuracy'), last ? format.percent(last.testAccuracy) : '–')}
      ${number('speed', 'Images/s', speed ? format.count(speed) : '–')}
      ${number('gflops', 'GFLOP/s', gflops === undefined ? '–' : gflops.toFixed(gflops < 10 ? 1 : 0))}
      ${number('time', time.label, time.value)}
    </dl>
    <ul class="milestones" aria-label=${`Time to a ${judge(job?.holdOut)} accuracy, and share of the device’s peak`}>
      ${MILESTONES.map((milestone) => reached(milestone, epochs))}
      ${share === undefined ? nothing : html`<li id="live-peak">${format.percent(share, 0)} of the peak, ${peak!.toFixed(0)} GFLOP/s</li>`}
    </ul>
    <div class="remarks note">${remarksOn(state, share).map((remark) => html`<p>${remark}</p>`)}</div>
  `;
}

/** Accuracies worth a clock: the classic tutorial's, and what is hard for a dense network. */
const MILESTONES = [0.976, 0.98, 0.99];

/** Training alone; evaluations are left out. */
function reached(share: number, epochs: readonly EpochReport[]): TemplateResult | typeof nothing {
  const at = epochs.findIndex(({ testAccuracy }) => testAccuracy >= share);
  if (at < 0) return nothing;
  const seconds = epochs.slice(0, at + 1).reduce((sum, epoch) => sum + epoch.seconds, 0);
  return html`<li>${format.percent(share, 1)} after ${format.duration(seconds)}, ${format.plural(at + 1, 'epoch')}</li>`;
}

/** GFLOP/s that the engine's device was measured to do. */
function peakOf({ peak, engine }: SessionState): number | undefined {
  return engine && peak?.engine === format.engine(engine) ? peak.gflops : undefined;
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

function chart({ state }: Session, measure: Measure, title: string, drawable: boolean): TemplateResult {
  const epochs = state.progress?.epochs ?? Math.max(1, Number(state.values.epochs) || 1);
  const curves = state.curves?.[measure];
  return html`
    <figure class="chart" id=${`chart-${measure}`}>
      <figcaption>${title} <span class="aside">by epoch</span></figcaption>
      <div class="chart-place">
        ${drawable ? html`<curve-chart .measure=${measure} .epochs=${epochs} .curves=${curves}></curve-chart>` : nothing}
      </div>
    </figure>
  `;
}
