// The worker of a page, which makes music while the page stays free for the reader.

import {textNamed} from '../kit/elements.js';

/** Starts it; ask(kind, request) promises {answer, milliseconds}, or fails with what the worker says. */
function startWorker() {
  const address = URL.createObjectURL(new Blob([textNamed('worker')], {type: 'text/javascript'}));
  const worker = new Worker(address), waiting = new Map();
  let requests = 0;
  const settle = (id, take) => {
    take(waiting.get(id));
    waiting.delete(id);
  };
  worker.addEventListener('message', ({data: {id, error, ...reply}}) =>
    settle(id, ({done, failed}) => error === undefined ? done(reply) : failed(new Error(error))));
  worker.addEventListener('error', event => {
    event.preventDefault();
    const fault = new Error(event.message || 'this browser does not run the page\u2019s worker');
    for (const id of [...waiting.keys()]) settle(id, ({failed}) => failed(fault));
  });
  return (kind, request) => new Promise((done, failed) => {
    waiting.set(++requests, {done, failed});
    worker.postMessage({id: requests, kind, request});
  });
}

/**
 * Makes phrases with the page's model, which is opened by the first request. Of requests that come while one is at work
 * the last one alone is done: make(request) promises a list of replies, one per entry of `request.phrases`, or null for
 * a request that a later one has overtaken. cancel() ends what is at work.
 */
export function startMaker(about) {
  let ask = null, opened = null, newest = 0, turn = Promise.resolve();
  function open() {
    ask ??= startWorker();
    return opened ??= ask('open', {about, weights: textNamed('weights')});
  }
  async function run(mine, {phrases, progress, ...request}) {
    await open();
    const replies = [];
    for (const phrase of phrases) {
      if (mine !== newest) return null;
      replies.push(await ask('make', {...request, ...phrase}));
      progress?.(replies.length, phrases.length);
    }
    return replies;
  }
  return {
    make(request) {
      const mine = ++newest, result = turn.then(() => mine === newest ? run(mine, request) : null);
      turn = result.catch(() => null);
      return result;
    },
    cancel() { ++newest; },
  };
}
