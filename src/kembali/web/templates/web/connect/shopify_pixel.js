{% autoescape off %}// kembali: what visitors of this shop look at, search for and leave behind, up to the end of the checkout.
const EDGE = {{ edge_url }};
const KEY = {{ key }};

const page = (event) => {
  const { location } = event.context.window;
  return { url: location.href, path: location.pathname, title: event.context.document.title, referrer: event.context.document.referrer };
};
const send = (call, event, said) => fetch(`${EDGE}/v1/${call}`, {
  method: "POST",
  keepalive: true,
  headers: { "content-type": "text/plain" },
  body: JSON.stringify({
    writeKey: KEY,
    messageId: `pixel-${event.id}-${call}`,
    anonymousId: event.clientId,
    timestamp: event.timestamp,
    sentAt: new Date().toISOString(),
    context: { page: page(event), library: { name: "kembali-shopify-pixel" } },
    ...said,
  }),
}).catch(() => {});

const goods = (variant, quantity) => ({
  product_id: variant?.product?.id,
  variant: variant?.id,
  sku: variant?.sku || undefined,
  name: variant?.product?.title,
  brand: variant?.product?.vendor,
  category: variant?.product?.type || undefined,
  price: variant?.price?.amount,
  currency: variant?.price?.currencyCode,
  quantity,
});
const checkout = ({ checkout: one }) => ({
  checkout_id: one.token,
  currency: one.currencyCode,
  value: one.totalPrice?.amount,
  products: (one.lineItems || []).map((line) => goods(line.variant, line.quantity)),
});
const track = (name, event, properties) => send("track", event, { event: name, properties });
const on = (name, tell) => analytics.subscribe(name, tell);

on("page_viewed", (event) => send("page", event, { properties: page(event) }));
on("product_viewed", (event) => track("Product Viewed", event, goods(event.data.productVariant, 1)));
on("collection_viewed", (event) => track("Product List Viewed", event, { list_id: event.data.collection.id, category: event.data.collection.title }));
on("search_submitted", (event) => track("Products Searched", event, { query: event.data.searchResult.query }));
on("product_added_to_cart", (event) => {
  const line = event.data.cartLine;
  track("Product Added", event, goods(line?.merchandise, line?.quantity));
});
on("product_removed_from_cart", (event) => {
  const line = event.data.cartLine;
  track("Product Removed", event, goods(line?.merchandise, line?.quantity));
});
on("cart_viewed", (event) => track("Cart Viewed", event, {
  products: (event.data.cart?.lines || []).map((line) => goods(line.merchandise, line.quantity)),
}));
on("checkout_started", (event) => track("Checkout Started", event, checkout(event.data)));
on("checkout_contact_info_submitted", (event) => {
  const { email, phone } = event.data.checkout;
  if (email || phone) send("identify", event, { traits: { email: email || undefined, phone: phone || undefined } });
});
on("payment_info_submitted", (event) => track("Payment Info Entered", event, checkout(event.data)));
on("checkout_completed", (event) => track("Order Completed", event, {
  order_id: event.data.checkout.order?.id,
  ...checkout(event.data),
}));{% endautoescape %}
