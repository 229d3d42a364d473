// A photo of a digit, from a file that was picked, pasted or dropped to luminance.
import { type GreyImage, luminance, MAX_SIDE } from '../../data/digit.ts';
import { InputError } from '../../errors.ts';

const MAX_MEGABYTES = 64;
/** A photograph of 64 megapixels; more is refused before it is decoded. */
const MAX_PIXELS = 2 ** 26;

/**
 * Reads an image of any kind that the browser knows, upright as its EXIF says.
 * @throws InputError naming the file and what is wrong with it
 */
export async function readPhoto(file: File): Promise<GreyImage> {
  const name = file.name || 'the image';
  if (file.size > MAX_MEGABYTES * 2 ** 20) {
    throw new InputError(`${name} is larger than ${MAX_MEGABYTES} MB: choose a smaller photo`);
  }
  const url = URL.createObjectURL(file);
  try {
    const photo = await decode(url, name);
    return scaledDown(photo);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** An image element tells its size before it is decoded. */
async function decode(url: string, name: string): Promise<HTMLImageElement> {
  const photo = new Image();
  const unreadable = () =>
    new InputError(
      `${name} cannot be read as an image here: choose a PNG or JPEG (a phone can save HEIC photos as JPEG)`,
    );
  await new Promise((resolve, reject) => {
    photo.onload = resolve;
    photo.onerror = () => reject(unreadable());
    photo.src = url;
  });
  const { naturalWidth: width, naturalHeight: height } = photo;
  if (width * height > MAX_PIXELS) {
    throw new InputError(`${name} has ${width} × ${height} pixels: choose one of at most 64 megapixels`);
  }
  await photo.decode().catch(() => Promise.reject(unreadable()));
  return photo;
}

function scaledDown(photo: HTMLImageElement): GreyImage {
  const { naturalWidth, naturalHeight } = photo;
  const scale = Math.min(1, MAX_SIDE / Math.max(naturalWidth, naturalHeight));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(naturalHeight * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(photo, 0, 0, canvas.width, canvas.height);
  const { width, height, data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, data: luminance(data) };
}
