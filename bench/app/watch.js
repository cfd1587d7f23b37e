// Put into each page before its own scripts: tells when something stands on the screen, painted.
// Times are milliseconds since the page's navigation began.
(() => {
  const afterPaint = (done) =>
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => done(performance.now());
      port2.postMessage(null);
    });

  const painted = (selector) =>
    new Promise((resolve) => {
      const look = () => {
        if (document.querySelector(selector) === null) return;
        watcher.disconnect();
        afterPaint(resolve);
      };
      const watcher = new MutationObserver(look);
      watcher.observe(document, { childList: true, subtree: true });
      look();
    });

  // From the moment that the finger left the glass.
  const tapped = (selector) =>
    new Promise((resolve) => {
      const begin = (event) => {
        const { timeStamp } = event;
        painted(selector).then((shownMs) => resolve(shownMs - timeStamp));
      };
      addEventListener("click", begin, { capture: true, once: true });
    });

  globalThis.bench = { painted, tapped };
})();
