// Events that need no code: pages, also those of a single-page shop, and what happens on them.
import { attributesOf, structureOf } from "./reading.mjs";

const SEARCHED = /search|suche|recherche|buscar/i;
const CART = /\/(cart|basket|warenkorb|panier|carrito|carrello)\/?$/i;
const CHECKOUT = /\/(checkouts?|kasse)(\/(?!order-received|thank)|$)/i;
const CLICKED = "[data-kembali-click],.add_to_cart_button[data-product_id],a.remove[data-product_id]";
const MAIL = /^[^\s@]+@\S+\.\S\S+$/;
const MAIL_FIELD = "[type=email],[autocomplete~=email],[data-kembali-email]";

export const watch = ({ page, track, identify, searchField }) => {
  const said = new WeakMap();
  const saidHere = new Set();
  let here = "";
  let before = document.referrer;
  let product;
  let lastMail;

  // A page says a thing once, however often we look or it is drawn; what the page before said is still there for a moment.
  const isNew = (element, text) => {
    const isKnown = said.get(element) === text || saidHere.has(text);
    said.set(element, text);
    saidHere.add(text);
    return !isKnown;
  };
  const says = (name) => document.querySelector(`[data-kembali-event="${name}"]`);
  // The page's own word comes before our guess.
  const guess = (name, properties) => says(name) || track(name, properties);

  const look = () => {
    const texts = [...document.querySelectorAll('script[type="application/ld+json"]')]
      .filter((tag) => isNew(tag, tag.textContent))
      .map((tag) => tag.textContent);
    const found = structureOf(texts);
    if (found.product) {
      product = found.product;
      guess("Product Viewed", product);
    } else if (found.products) guess("Product List Viewed", { products: found.products });
    for (const element of document.querySelectorAll("[data-kembali-event]")) {
      const properties = attributesOf(element);
      const name = element.dataset.kembaliEvent;
      if (!isNew(element, name + JSON.stringify(properties))) continue;
      if (name === "Product Viewed") product = properties;
      track(name, properties);
    }
  };

  const guessFromAddress = () => {
    const { pathname, searchParams } = new URL(here);
    const query = searchParams.get(searchField ?? (SEARCHED.test(pathname) ? "q" : "s"));
    if (query) guess("Products Searched", { query });
    if (CART.test(pathname)) guess("Cart Viewed", {});
    const isNext = before.startsWith(location.origin) && CHECKOUT.test(new URL(before).pathname);
    if (CHECKOUT.test(pathname)) guess(isNext ? "Checkout Step Viewed" : "Checkout Started", isNext ? { step: pathname } : {});
  };

  const arrive = () => {
    const address = location.href.split("#")[0];
    if (address === here) return;
    if (here) before = here;
    here = address;
    product = undefined;
    saidHere.clear();
    page({ referrer: before });
    guessFromAddress();
    look();
  };

  const clicked = ({ target }) => {
    const element = target.closest?.(CLICKED);
    if (!element) return;
    const { kembaliClick, product_id, product_sku: sku, quantity } = element.dataset;
    if (kembaliClick) track(kembaliClick, { ...product, ...attributesOf(element) });
    else if (element.matches(".remove")) track("Product Removed", { product_id, sku });
    else track("Product Added", { product_id, sku, quantity: +quantity || 1 });
  };

  const submitted = ({ target }) => {
    const name = target.dataset.kembaliSubmit;
    const field = (called) => target.elements.namedItem(called)?.value || undefined;
    if (name) track(name, attributesOf(target));
    else if (/\/cart\/add/.test(target.getAttribute("action")) || field("add-to-cart")) {
      const variant = field("id") ?? field("variation_id");
      track("Product Added", { ...product, product_id: field("add-to-cart") ?? product?.product_id, variant, quantity: +field("quantity") || 1 });
    }
  };

  const typed = ({ target }) => {
    if (!target.matches?.(MAIL_FIELD)) return;
    const email = target.value.trim();
    const isWanted = CHECKOUT.test(location.pathname) || "kembaliEmail" in target.dataset;
    if (!isWanted || email === lastMail || !MAIL.test(email)) return;
    lastMail = email;
    identify({ email });
  };

  const begin = () => {
    for (const name of ["pushState", "replaceState"]) {
      const real = history[name];
      history[name] = function (...words) {
        real.apply(this, words);
        // The shop sets the title of its new page just after this.
        setTimeout(arrive, 50);
      };
    }
    addEventListener("popstate", () => setTimeout(arrive, 50));
    // Back to a page that the browser had kept as it was.
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted) {
        here = "";
        arrive();
      }
    });
    for (const [kind, listener] of Object.entries({ click: clicked, submit: submitted, change: typed }))
      document.addEventListener(kind, listener, true);
    let timer;
    new MutationObserver(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        look();
      }, 300);
    }).observe(document, { childList: true, subtree: true });
    arrive();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
};
