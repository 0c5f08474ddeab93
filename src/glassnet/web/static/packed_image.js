/* A small grey image as text for an address: four bits a pixel, base64url. */

export async function pack(source, width, height) {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const bytes = new Uint8Array(Math.ceil(width * height / 2));
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    bytes[pixel >> 1] |= Math.round(data[4 * pixel] / 17) << (pixel % 2 ? 0 : 4);
  }
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/* A canvas with the image; null if the text is none of this size. */
export function unpack(text, width, height) {
  let bytes;
  try {
    bytes = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  } catch {
    return null;
  }
  if (bytes.length !== Math.ceil(width * height / 2)) return null;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const value = 17 * ((bytes.charCodeAt(pixel >> 1) >> (pixel % 2 ? 0 : 4)) & 15);
    image.data.set([value, value, value, 255], 4 * pixel);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
