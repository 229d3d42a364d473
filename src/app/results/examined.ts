// A network with all that it says about the images that it is judged by, of the data set that is loaded.
import { type Answer, answersOf, type Evaluation, mistakesOf } from '../../evaluation/evaluation.ts';
import { type FirstLayerUnit, rankFirstLayer } from '../../evaluation/first_layer.ts';
import { decodeModel, type Model } from '../../formats/model.ts';
import type { TrainingRecord } from '../../training/report.ts';
import type { DatasetShape } from '../model/form.ts';
import type { Session } from '../model/session.ts';
import type { Subject } from './subject.ts';

export interface Examined {
  readonly subject: Subject;
  /** A safetensors file. */
  readonly file: Uint8Array;
  readonly model: Model;
  readonly shape: DatasetShape;
  /** So many of the last training images, if it is judged by them and not by the test images. */
  readonly holdOut: number | undefined;
  /** By label: the data set's, or else those that it was trained with. */
  readonly classNames: readonly string[] | undefined;
  readonly evaluation: Evaluation;
  /** float32 [images, classes] */
  readonly logits: Float32Array;
  readonly answers: readonly Answer[];
  /** The most confident first. */
  readonly mistakes: readonly Answer[];
  /** The most important first. */
  readonly units: readonly FirstLayerUnit[];
}

/** The data set that is loaded is not of the kind that the network was trained on. */
export class OtherData extends Error {
  override name = 'OtherData';
}

/** @throws OtherData if the images or classes differ; Error if the model is gone or cannot be run */
export async function examine(session: Session, subject: Subject, shape: DatasetShape): Promise<Examined> {
  const file = await subject.read();
  const model = decodeModel(file, 'its model');
  const { dataset } = model;
  const same = (key: 'width' | 'height' | 'classes') => dataset[key] === shape[key];
  if (!(same('width') && same('height') && same('classes'))) {
    throw new OtherData(
      `it was trained on ${kind(dataset)}, and the data set that is loaded is ${kind(shape)}. Load the run’s own data first`,
    );
  }
  const holdOut = subject.run?.holdOut;
  const { evaluation, logits, labels } = await session.ask((remote) => remote.examine(file, holdOut));
  const answers = answersOf(logits, labels, shape.classes);
  return {
    subject,
    file,
    model,
    shape,
    holdOut,
    classNames: shape.classNames ?? dataset.classNames,
    evaluation,
    logits,
    answers,
    mistakes: mistakesOf(answers),
    units: rankFirstLayer(model),
  };
}

/** What is known of the training; a shipped network's file tells no times. */
export function recordOf({ subject: { run }, model }: Examined): TrainingRecord | undefined {
  return run?.report ?? model.report;
}

const kind = ({ name, width, height, classes }: Model['dataset']) =>
  `${name} (${width} × ${height} pixels, ${classes} classes)`;
