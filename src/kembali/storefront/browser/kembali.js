// The loader: <script async src="https://…/kembali.js" data-key="pk_…"></script>. Calls made before it has come wait in an
// array. Under the address of Segment's loader it takes over that loader's array, and leaves the events to the page.
(() => {
  const tag = document.currentScript;
  const address = new URL(tag.src);
  const segment = address.pathname.match(/^(.*)\/analytics\.js\/v1\/([^/]+)\/[^/]*$/);
  const base = address.origin + (segment ? segment[1] : address.pathname.replace(/\/[^/]*$/, ""));
  const { key, consent, gpc, auto, search, globalSegmentAnalyticsKey } = tag.dataset;
  const name = globalSegmentAnalyticsKey || (segment ? "analytics" : "kembali");
  const waiting = window[name] || [];
  if (waiting.initialize) return;
  import(`${base}/kembali.mjs`).then(({ start }) => {
    const options = segment ? { key: decodeURIComponent(segment[2]), auto: false, ...waiting._loadOptions?.kembali } : { key, auto: auto !== "off" };
    const api = start({ host: base, consent, gpc, search, ...options });
    window[name] = api;
    if (Array.isArray(waiting)) api.push(...waiting);
  });
})();
