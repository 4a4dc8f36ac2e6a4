// The queue: an event stays until the server said that it is on disk. Sent twice it counts once, by its message id.
const MOST_KEPT = 200;
const MOST_EVENT_BYTES = 32000;
// What a browser still sends of a page that is going away.
const MOST_BATCH_BYTES = 60000;
const LONGEST_WAIT_MS = 300000;

const bytesOf = (text) => new Blob([text]).size;

export const makeSender = (store, url, key) => {
  let timer;
  // All have as many digits: as text they stand in their order.
  let count = 1e6;
  let failures = 0;
  let notBefore = 0;
  let isBusy = false;
  let isOneByOne = false;
  let isStopped = true;
  let handedOver = new Set();

  const take = () => {
    const batch = [];
    let size = 200;
    for (const name of store.names("q.")) {
      if (handedOver.has(name)) continue;
      const text = store.get(name);
      if (!text) continue;
      size += bytesOf(text) + 1;
      if (batch.length && (size > MOST_BATCH_BYTES || isOneByOne)) break;
      batch.push([name, text]);
    }
    return batch;
  };
  const bodyOf = (batch) => {
    const told = JSON.stringify({ writeKey: key, sentAt: new Date() });
    return told.slice(0, -1) + ',"batch":[' + batch.map(([, text]) => text) + "]}";
  };
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  };
  const drop = (batch) => batch.forEach(([name]) => store.remove(name));

  const post = async () => {
    const batch = take();
    if (!batch.length) {
      isOneByOne = false;
      return;
    }
    batch.forEach(([name]) => handedOver.add(name));
    let answer;
    try {
      // As plain text with the key inside: no preflight, and the same as what a closing page sends.
      const signal = AbortSignal.timeout(30000);
      answer = await fetch(url, { method: "POST", body: bodyOf(batch), keepalive: true, credentials: "omit", signal });
    } catch {
      // Not reached: as if it could not take them now.
    }
    batch.forEach(([name]) => handedOver.delete(name));
    const status = answer?.status ?? 503;
    if (status < 300) {
      drop(batch);
      failures = 0;
      later(0);
    } else if (status === 400 || status === 413) {
      // One of them cannot be read. Alone it takes no other with it.
      if (batch.length === 1) {
        drop(batch);
        console.warn("kembali:", "refused", batch[0][1]);
      }
      isOneByOne = true;
      later(0);
    } else if (status < 500 && status !== 429 && status !== 408) {
      isStopped = true;
      console.warn("kembali:", "is the write key right?", status);
    } else {
      failures += 1;
      const ours = Math.min(1000 * 2 ** failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2);
      const wait = answer?.headers.get("retry-after") * 1000 || ours;
      notBefore = Date.now() + wait;
      later(wait);
    }
  };

  // One tab at a time; where browsers cannot agree on that, the message ids do.
  const send = async () => {
    timer = 0;
    if (isStopped || isBusy || navigator.onLine === false) return;
    if (Date.now() < notBefore) {
      later(notBefore - Date.now());
      return;
    }
    isBusy = true;
    try {
      if (!navigator.locks) await post();
      else await navigator.locks.request("kembali", { ifAvailable: true }, (lock) => (lock ? post() : later(1000)));
    } finally {
      isBusy = false;
    }
  };

  addEventListener("online", () => later(0));
  return {
    add(event) {
      const text = JSON.stringify(event);
      if (bytesOf(text) > MOST_EVENT_BYTES) {
        console.warn("kembali:", "too large", event);
        return;
      }
      store.names("q.").slice(0, 1 - MOST_KEPT).forEach(store.remove);
      count += 1;
      store.set(`q.${Date.now()}.${count}.${event.messageId}`, text);
      // Soon, but what happens at the same time goes together. A wait that has begun is not made longer.
      if (!timer && !isBusy) later(200);
    },
    go() {
      isStopped = false;
      later(0);
    },
    // The page is going away, perhaps for good. Nothing tells us whether a beacon arrived: its events stay, and go once more.
    hurry() {
      if (isStopped || Date.now() < notBefore) return;
      for (let batch = take(); batch.length; batch = take()) {
        if (!navigator.sendBeacon(url, bodyOf(batch))) return;
        batch.forEach(([name]) => handedOver.add(name));
      }
    },
    back() {
      handedOver = new Set();
      later(1000);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
};
