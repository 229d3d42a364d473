// A run with all that its model says about the test images of the data set that is loaded.
import { type Calibration, calibrate } from '../../evaluation/calibration.ts';
import { type Answer, answersOf, type Evaluation, mistakesOf } from '../../evaluation/evaluation.ts';
import { type FirstLayerUnit, rankFirstLayer } from '../../evaluation/first_layer.ts';
import { decodeModel, type Model } from '../../formats/model.ts';
import type { DatasetShape } from '../model/form.ts';
import type { Session } from '../model/session.ts';
import type { KeptRun } from '../storage/kept_runs.ts';

export interface ExaminedRun {
  readonly run: KeptRun;
  /** A safetensors file. */
  readonly file: Uint8Array;
  readonly model: Model;
  readonly shape: DatasetShape;
  /** By label: the data set's, or else those that it was trained with. */
  readonly classNames: readonly string[] | undefined;
  readonly evaluation: Evaluation;
  /** float32 [images, classes] */
  readonly logits: Float32Array;
  readonly answers: readonly Answer[];
  /** The most confident first. */
  readonly mistakes: readonly Answer[];
  readonly calibration: Calibration;
  /** The most important first. */
  readonly units: readonly FirstLayerUnit[];
}

/** The data set that is loaded is not of the kind that the run was trained on. */
export class OtherData extends Error {
  override name = 'OtherData';
}

/** @throws OtherData if the images or classes differ; Error if the model is gone or cannot be run */
export async function examineRun(session: Session, run: KeptRun, shape: DatasetShape): Promise<ExaminedRun> {
  const file = await session.runs.modelOf(run.id);
  const model = decodeModel(file, 'its model');
  const { dataset } = model;
  const same = (key: 'width' | 'height' | 'classes') => dataset[key] === shape[key];
  if (!(same('width') && same('height') && same('classes'))) {
    throw new OtherData(
      `it was trained on ${kind(dataset)}, and the data set that is loaded is ${kind(shape)}. Load the run’s own data first`,
    );
  }
  const { evaluation, logits, labels } = await session.ask((remote) => remote.examine(file));
  const answers = answersOf(logits, labels, shape.classes);
  return {
    run,
    file,
    model,
    shape,
    classNames: shape.classNames ?? dataset.classNames,
    evaluation,
    logits,
    answers,
    mistakes: mistakesOf(answers),
    calibration: calibrate(answers),
    units: rankFirstLayer(model),
  };
}

const kind = ({ name, width, height, classes }: Model['dataset']) =>
  `${name} (${width} × ${height} pixels, ${classes} classes)`;
