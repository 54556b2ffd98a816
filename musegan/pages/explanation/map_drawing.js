// Heat maps: bytes of the page as numbers, numbers as colours, colours as cells of a canvas.

import {data, make, styled} from '../kit/elements.js';
import {colour} from '../kit/theme.js';

export const [mapSteps, mapPitches, mapTracks] = data.extents;

/** A map's values as [step][pitch][track], one after the other; what is no number is NaN. */
export function valuesOf({bytes: text, scale, isSigned}) {
  const coded = atob(text);
  return Float32Array.from(coded, letter => {
    const byte = letter.charCodeAt(0);
    return byte === 255 ? NaN : isSigned ? (byte - 127) / 127 * scale : byte / 254 * scale;
  });
}

/** Planes of [step][pitch]: one for each track, or their sum. */
export function planesOf(values, isApart) {
  const cells = mapSteps * mapPitches;
  const plane = of => Float32Array.from({length: cells}, (_, cell) => of(cell * mapTracks));
  if (isApart) return data.tracks.map((name, track) => ({name, values: plane(at => values[at + track])}));
  return [{name: 'all tracks', values: plane(at => {
    let sum = 0;
    for (let track = 0; track < mapTracks; ++track) sum += values[at + track] || 0;
    return sum;
  })}];
}

export const largestOf = planes => planes.reduce((most, plane) =>
  plane.values.reduce((so, value) => Math.abs(value) > so ? Math.abs(value) : so, most), 0);

const rgb = name => colour(name).match(/[\d.]+/g).slice(0, 3).map(Number);
const mixed = (a, b, share) => a.map((value, k) => value + (b[k] - value) * share);

/** 256 colours each for numbers from 0 up and from 0 down; shades grow with the root, so that small numbers show. */
function rampsOf() {
  const [paper, ink, up, down] = ['--panel', '--ink', '--c1', '--c2'].map(rgb);
  const ramp = hue => Array.from({length: 256}, (_, k) => {
    const share = Math.sqrt(k / 255);
    return share < 0.75 ? mixed(paper, hue, share / 0.75) : mixed(hue, mixed(hue, ink, 0.6), (share - 0.75) / 0.25);
  });
  return {up: ramp(up), down: ramp(down), none: rgb('--line')};
}

function colourOf(value, largest, ramps) {
  if (Number.isNaN(value)) return ramps.none;
  return ramps[value < 0 ? 'down' : 'up'][largest > 0 ? Math.min(255, Math.round(255 * Math.abs(value) / largest)) : 0];
}

/** A plane as a picture with a pixel for each cell, pitches from below. */
function pictureOf(plane, largest, ramps) {
  const canvas = make('canvas', {width: mapSteps, height: mapPitches}), pen = canvas.getContext('2d');
  const image = pen.createImageData(mapSteps, mapPitches);
  for (let step = 0; step < mapSteps; ++step)
    for (let pitch = 0; pitch < mapPitches; ++pitch) {
      const at = 4 * ((mapPitches - 1 - pitch) * mapSteps + step);
      image.data.set([...colourOf(plane.values[step * mapPitches + pitch], largest, ramps), 255], at);
    }
  pen.putImageData(image, 0, 0);
  return canvas;
}

/** Where the panels of a map stand on a canvas so many pixels wide. */
function mapPlaces(planes, width) {
  const head = 18, high = planes.length > 1 ? 96 : Math.min(260, Math.max(160, width / 5)), gap = 8;
  return {head, high, width, height: planes.length * (head + high + gap),
    topOf: panel => panel * (head + high + gap) + head};
}

export function drawMap(canvas, width, {planes, largest}, cursor) {
  const places = mapPlaces(planes, width), scale = devicePixelRatio || 1;
  const pen = canvas.getContext('2d'), ramps = rampsOf();
  [canvas.width, canvas.height] = [width * scale, places.height * scale];
  styled(canvas, {height: `${places.height}px`});
  pen.scale(scale, scale);
  pen.font = '12px system-ui, "DejaVu Sans", sans-serif';
  pen.textBaseline = 'middle';
  planes.forEach((plane, panel) => {
    const top = places.topOf(panel);
    pen.imageSmoothingEnabled = mapSteps > width * scale;
    pen.drawImage(pictureOf(plane, largest, ramps), 0, top, width, places.high);
    pen.fillStyle = colour('--soft');
    pen.fillText(plane.name, 6, top - places.head / 2, width / 2);
    drawBars(pen, width, places, top, panel === 0 && width >= 600);
  });
  if (cursor) drawCursor(pen, width, places, cursor);
  return places;
}

/** Lines between bars, and their names above. */
function drawBars(pen, width, {head, high}, top, isNamed) {
  const {stepsPerBar} = data, xOf = step => step / mapSteps * width;
  if (!(stepsPerBar > 0)) return;
  pen.textAlign = 'center';
  for (let step = 0; step < mapSteps; step += stepsPerBar) {
    pen.globalAlpha = 0.55;
    if (step > 0) pen.fillRect(xOf(step), top, 1, high);
    pen.globalAlpha = 1;
    if (isNamed) pen.fillText(`bar ${1 + step / stepsPerBar}`, xOf(step + stepsPerBar / 2), top - head / 2);
  }
  pen.textAlign = 'left';
}

/** A frame around the cell that the keyboard has chosen. */
function drawCursor(pen, width, {topOf, high}, {step, pitch, panel}) {
  const [wide, tall] = [Math.max(6, width / mapSteps), Math.max(6, high / mapPitches)];
  const x = (step + 0.5) / mapSteps * width, y = topOf(panel) + (mapPitches - pitch - 0.5) / mapPitches * high;
  for (const [name, line] of [['--panel', 4], ['--ink', 2]]) {
    [pen.strokeStyle, pen.lineWidth] = [colour(name), line];
    pen.strokeRect(x - wide / 2, y - tall / 2, wide, tall);
  }
}

/** The colours of a map, from its least to its largest number. */
export function drawScale(canvas, isSigned) {
  const pen = canvas.getContext('2d'), ramps = rampsOf();
  for (let x = 0; x < canvas.width; ++x) {
    const share = x / (canvas.width - 1);
    pen.fillStyle = `rgb(${colourOf(isSigned ? 2 * share - 1 : share, 1, ramps).map(Math.round).join()})`;
    pen.fillRect(x, 0, 1, canvas.height);
  }
}
