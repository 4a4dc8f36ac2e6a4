// What happens in a shop's pages, told to kembali: import { start } from "https://…/kembali.mjs".
import { makeSender } from "./sending.mjs";
import { makeStore } from "./storing.mjs";
import { watch } from "./watching.mjs";

const MOST_PENDING = 100;

const isText = (value) => /string|number/.test(typeof value);
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// Whom another SDK knew by its own id stays the same person when a shop changes over.
const idOfSegment = () => {
  try {
    return JSON.parse(localStorage.getItem("ajs_anonymous_id"));
  } catch {
    return null;
  }
};

const pageOf = (told) => ({
  path: told?.p ?? location.pathname,
  referrer: told?.r ?? document.referrer,
  search: told?.s ?? location.search,
  title: told?.t ?? document.title,
  url: told?.u ?? location.href.split("#")[0],
});

const contextOf = (page) => {
  let campaign;
  for (const [name, value] of new URLSearchParams(page.search))
    if (name.startsWith("utm_")) campaign = { ...campaign, [name === "utm_campaign" ? "name" : name.slice(4)]: value };
  return {
    page,
    userAgent: navigator.userAgent,
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    library: { name: "kembali.js", version: "1" },
    campaign,
  };
};

// key: a public write key. consent: "required" keeps and sends nothing before consent(true). gpc: "respect" does as the
// browser's Global Privacy Control says. auto: false leaves all events to the page. search: the parameter of a search.
export const start = ({ key, host = new URL(import.meta.url).origin, consent, gpc, auto = true, search }) => {
  const store = makeStore();
  const sender = makeSender(store, `${host}/v1/batch`, key);
  const isRequired = consent === "required";
  const isForbidden = gpc === "respect" && navigator.globalPrivacyControl === true;
  let pending = [];
  // No two events have one time: their order survives whatever happens to them.
  let lastAt = 0;
  // undefined: not asked yet.
  let isAllowed;

  const anonymousId = () => {
    if (!store.get("id")) store.set("id", (isAllowed && idOfSegment()) || newId());
    return store.get("id");
  };
  const grant = () => {
    if (isForbidden || isAllowed) return;
    isAllowed = true;
    store.open();
    pending.forEach((event) => sender.add({ anonymousId: anonymousId(), ...event }));
    pending = [];
    sender.go();
  };
  const refuse = () => {
    isAllowed = false;
    pending = [];
    sender.stop();
    store.forget();
  };
  const emit = (type, fields, options, told) => {
    if (isAllowed === false) return;
    const event = {
      type,
      messageId: `kembali-${newId()}`,
      timestamp: new Date(options?.timestamp ?? (lastAt = Math.max(lastAt + 1, Date.now()))).toISOString(),
      userId: store.get("user") ?? undefined,
      ...fields,
      context: { ...contextOf(pageOf(told)), ...options?.context },
    };
    if (isAllowed) sender.add({ anonymousId: anonymousId(), ...event });
    else pending = [...pending, event].slice(-MOST_PENDING);
  };

  const calls = {
    track: ([event, properties = {}, options], told) => emit("track", { event, properties }, options, told),
    page(words, told) {
      const names = words.filter(isText);
      const [properties = {}, options] = words.slice(names.length);
      const name = names.pop();
      emit("page", { name, category: names[0], properties: { ...pageOf(told), name, category: names[0], ...properties } }, options, told);
    },
    identify(words, told) {
      const [userId, traits = {}, options] = isText(words[0] ?? 0) ? words : [null, ...words];
      if (userId != null && isAllowed !== false) store.set("user", String(userId));
      emit("identify", { traits }, options, told);
    },
    group: ([groupId, traits = {}, options], told) => emit("group", { groupId, traits }, options, told),
    alias: ([userId, from, options], told) => emit("alias", { userId, previousId: from ?? store.get("user") ?? anonymousId() }, options, told),
    reset() {
      store.remove("user");
      store.remove("id");
    },
    setAnonymousId: ([id]) => isAllowed === false || store.set("id", id || newId()),
    consent([isGiven]) {
      if (isGiven) {
        grant();
        if (isAllowed) store.set("consent", "1");
      } else {
        refuse();
        // Where nobody has to agree, who objects is remembered by nothing else than that.
        if (!isRequired && !isForbidden) {
          store.open();
          store.set("consent", "0");
        }
      }
    },
    trackLink: ([nodes, event, properties]) => follow("click", nodes, event, properties),
    trackForm: ([nodes, event, properties]) => follow("submit", nodes, event, properties),
  };
  const follow = (kind, nodes, event, properties) => {
    const of = (what, node) => (typeof what === "function" ? what(node) : what);
    for (const node of nodes?.addEventListener ? [nodes] : (nodes ?? []))
      node.addEventListener(kind, () => calls.track([of(event, node), of(properties, node)]));
  };

  const api = { initialize: true, initialized: true };
  for (const [name, call] of Object.entries(calls))
    api[name] = (...words) => {
      // Segment's loader adds what the page was when a call was made; a function at the end wants to know that it was.
      const told = words.at(-1)?.__t === "bpc" ? words.pop() : undefined;
      const done = typeof words.at(-1) === "function" ? words.pop() : undefined;
      try {
        call(words, told);
      } catch (error) {
        // What we cannot tell must not stop the shop.
        console.warn("kembali:", error);
      }
      done?.();
      return Promise.resolve();
    };
  Object.assign(api, { trackClick: api.trackLink, trackSubmit: api.trackForm, pageview: api.page, screen: api.page });
  // Segment's loader may call these; they mean nothing here.
  const needless = "on once off debug load register addSourceMiddleware addIntegrationMiddleware addDestinationMiddleware";
  for (const name of needless.split(" ")) api[name] = () => api;
  api.ready = (done) => Promise.resolve(done?.());
  api.user = () => ({ id: () => store.get("user"), anonymousId, traits: () => ({}) });
  api.push = (...calls) => calls.forEach(([name, ...words]) => api[name]?.(...words));

  addEventListener("storage", ({ key: name, newValue }) => {
    if (name !== null && name !== "kembali.consent") return;
    if (newValue === "1") grant();
    else if (isRequired || newValue === "0") refuse();
  });
  addEventListener("pagehide", sender.hurry);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "hidden" ? sender.hurry() : sender.back()));

  const decided = store.get("consent");
  if (isForbidden || decided === "0") calls.consent([false]);
  else if (decided || !isRequired) grant();
  // What was kept in days when nobody had to agree.
  else store.forget();
  if (auto)
    watch({
      page: ({ referrer }) => calls.page([{ referrer }], { r: referrer }),
      track: (event, properties) => calls.track([event, properties]),
      identify: (traits) => calls.identify([traits]),
      searchField: search,
    });
  return api;
};
