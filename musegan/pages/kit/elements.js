// Elements of a page. Whatever came from outside reaches the page as the text of an element, never as markup.

export const data = JSON.parse(document.getElementById('data').textContent);

/** A text of the page that is neither shown nor run; '' where there is none. */
export const textNamed = id => document.getElementById(id)?.textContent ?? '';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter(child => child != null));
  return element;
}

/** make('p', {class: 'note', onclick: run}, 'some text', another element) */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function makeSvg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/** Sets properties of the element's style ('--fill', 'width'), which attributes may not. */
export function styled(element, properties) {
  for (const [name, value] of Object.entries(properties)) element.style.setProperty(name, value);
  return element;
}

/** A colour of style.css by its name ('--c1'), or any other as it is ('#00b7d2'). */
export const paint = colour => colour.startsWith('--') ? `var(${colour})` : colour;

/** Puts elements at the end of the page's section of this name. */
export function addTo(section, ...children) {
  document.getElementById(section).append(...children);
}

/** A bar for a share between 0 and 1, and what it says in words. */
export function shareBar(share, text, colour = '--accent') {
  const bar = styled(make('i'), {width: `${100 * Math.min(1, Math.max(0, share))}%`});
  return [styled(make('span', {class: 'share', 'aria-hidden': 'true'}, bar), {'--fill': paint(colour)}), text];
}
