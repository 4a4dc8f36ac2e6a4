// @segment/analytics-node as its documentation shows it: node segment-node.mjs KEY HOST
import { Analytics } from "@segment/analytics-node";

const [writeKey, host] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host });
analytics.on("error", (error) => {
  console.error(error);
  process.exitCode = 1;
});
analytics.identify({ userId: "u1", traits: { email: "ann@example.com" } });
analytics.track({ userId: "u1", event: "Product Added", properties: { sku: "TEA" } });
analytics.page({ userId: "u1", name: "Home" });
analytics.screen({ userId: "u1", name: "Basket" });
analytics.group({ userId: "u1", groupId: "g1", traits: { name: "Club" } });
analytics.alias({ userId: "u1", previousId: "guest-1" });
for (const n of [1, 2, 3, 4, 5]) analytics.track({ anonymousId: "a1", event: `Batched ${n}` });
await analytics.closeAndFlush();
