// What a simple check of accessibility finds on a page, in a browser: faults that keep a reader with a keyboard, a
// screen reader or weak eyes out. After WCAG 2.2: names (4.1.2), contrast (1.4.3), focus order (2.4.3), headings
// (1.3.1).
#pragma once

#include <string>

namespace support {

/// Put before a script of try_page: the async function accessibilityFaults() gives a text per fault, by day and night.
inline const std::string accessibility = R"js(
const nameOfElement = element => {
  const ids = element.getAttribute('aria-labelledby');
  if (ids) return ids.split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' ').trim();
  const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent;
  return (label ?? (element.textContent || element.getAttribute('title') || element.getAttribute('alt') || '')).trim();
};
const isShown = element => element.checkVisibility({visibilityProperty: true}) && element.getClientRects().length > 0;
const channels = text => text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
const linear = channel => channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
const luminance = rgb => rgb.slice(0, 3).map(channel => linear(channel / 255))
  .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
/** The colour behind an element: of the nearest one around it that is not transparent. */
const paperOf = element => {
  for (; element; element = element.parentElement) {
    const rgba = channels(getComputedStyle(element).backgroundColor);
    if (rgba.length < 4 || rgba[3] > 0.99) return rgba;
  }
  return [255, 255, 255];
};
const contrastOf = element => {
  const style = getComputedStyle(element), ink = channels(element instanceof SVGElement ? style.fill : style.color);
  const [a, b] = [luminance(ink), luminance(paperOf(element))].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
};
const describe = element => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}.` +
  `${element.getAttribute('class') ?? ''} "${element.textContent.trim().slice(0, 30)}"`;

const thingsWithNames = 'button, input, select, textarea, a[href], summary, [tabindex], [role=slider], ' +
  '[role=application], [role=img]';
const faultsOfNames = () => all(thingsWithNames)
  .filter(isShown).filter(element => !nameOfElement(element)).map(element => `no name: ${describe(element)}`);
/** Text of WCAG's large size needs 3, other text 4.5. */
const faultsOfContrast = theme => all('body *').filter(element =>
  isShown(element) && [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
  .filter(element => {
    const style = getComputedStyle(element), size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
    if (element.closest('[aria-hidden=true], script, style, :disabled')) return false;
    return contrastOf(element) < (size >= 24 || (bold && size >= 18.66) ? 3 : 4.5);
  }).map(element => `contrast ${contrastOf(element).toFixed(2)} by ${theme}: ${describe(element)}`);
/** Tab goes in the order of the page, and never into what is hidden. */
const faultsOfFocus = () => [
  ...all('[tabindex]').filter(element => element.tabIndex > 0)
    .map(element => `tabindex above 0: ${describe(element)}`),
  ...all('[aria-hidden=true] button, [aria-hidden=true] [tabindex="0"]')
    .map(element => `focus in what is hidden: ${describe(element)}`),
];
const faultsOfStructure = () => {
  const faults = [], ids = all('[id]').map(element => element.id);
  for (const id of new Set(ids)) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id twice: ${id}`);
  for (const element of all('[aria-labelledby], [aria-controls], [aria-describedby], output[for], label[for]'))
    for (const attribute of ['aria-labelledby', 'aria-controls', 'aria-describedby', 'for'])
      for (const id of (element.getAttribute(attribute) ?? '').split(' ').filter(Boolean))
        if (!ids.includes(id)) faults.push(`${attribute} names '${id}', which is not there`);
  let level = 0;
  for (const heading of all('h1, h2, h3, h4').filter(isShown)) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) faults.push(`heading leaves out a level: ${describe(heading)}`);
    level = own;
  }
  if (all('h1').length !== 1) faults.push(`${all('h1').length} headings of level 1`);
  if (all('main').length !== 1) faults.push(`${all('main').length} main`);
  if (!document.documentElement.lang) faults.push('no language');
  if (!document.title) faults.push('no title');
  for (const image of all('img, svg[role=img], canvas')) if (isShown(image) && !nameOfElement(image) &&
    !image.closest('[aria-hidden=true], button, a, [role]')) faults.push(`picture without a name: ${describe(image)}`);
  return faults;
};
async function accessibilityFaults() {
  const faults = [...faultsOfNames(), ...faultsOfFocus(), ...faultsOfStructure()];
  for (let k = 0; k < 2; ++k) {
    faults.push(...faultsOfContrast(one('#theme').textContent === 'Dark' ? 'day' : 'night'));
    one('#theme').click();
    await frames();
  }
  return [...new Set(faults)];
}
)js";

}  // namespace support
