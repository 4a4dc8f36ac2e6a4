// What a page says about itself: data-kembali-… attributes, and schema.org's JSON-LD that shops write for search engines.
const NUMBERS = /^(price|quantity|value|total|revenue|subtotal|shipping|tax|discount|position|step)$/;
const ITEM = "[data-kembali-item]";

const numeric = (value) => (value == null || value === "" || isNaN(value) ? undefined : +value);
const list = (value) => (value == null ? [] : [value].flat());

export const attributesOf = (element) => {
  const found = {};
  for (const [name, value] of Object.entries(element.dataset)) {
    const word = name.replace(/^kembali/, "").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).slice(1);
    if (!name.startsWith("kembali") || /^(event|click|submit|item|email)$/.test(word)) continue;
    found[word] = NUMBERS.test(word) ? (numeric(value) ?? value) : value;
  }
  const items = element.matches(ITEM) ? [] : [...element.querySelectorAll(ITEM)];
  if (items.length) found.products = items.map(attributesOf);
  return found;
};

const isA = (node, ...kinds) => list(node["@type"]).some((type) => kinds.includes(String(type).split("/").pop()));

const nodesOf = (found) =>
  list(found)
    .filter((node) => node && typeof node === "object")
    .flatMap((node) => [node, ...nodesOf(node["@graph"]), ...nodesOf(node.mainEntity)]);

const productOf = (node, position) => {
  const offered = list(node.offers ?? list(node.hasVariant)[0]?.offers)[0] ?? {};
  const offer = offered.price == null ? (list(offered.offers)[0] ?? offered) : offered;
  const priced = list(offer.priceSpecification)[0] ?? {};
  return {
    product_id: node.productID ?? node.productGroupID ?? node.sku ?? node.url ?? node["@id"],
    sku: node.sku,
    name: node.name,
    brand: node.brand?.name ?? node.brand,
    category: node.category?.name ?? node.category,
    price: numeric(offer.price ?? offer.lowPrice ?? priced.price),
    currency: offer.priceCurrency ?? priced.priceCurrency,
    url: node.url,
    image_url: list(node.image).map((image) => image?.url ?? image)[0],
    position,
  };
};

const listed = (entry, place) => productOf({ ...entry, ...entry.item }, entry.position ?? place + 1);

// One product is a product's page; several are a list.
export const structureOf = (texts) => {
  const nodes = texts.flatMap((text) => {
    try {
      return nodesOf(JSON.parse(text));
    } catch {
      return [];
    }
  });
  const products = nodes.filter((node) => isA(node, "Product", "ProductGroup"));
  if (products.length === 1) return { product: productOf(products[0]) };
  const items = products.length ? products : nodes.filter((node) => isA(node, "ItemList")).flatMap((node) => list(node.itemListElement));
  return items.length ? { products: items.slice(0, 50).map(listed) } : {};
};
