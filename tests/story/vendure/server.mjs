// A Vendure shop on a free port of loopback, its database (SQLite, compiled to WebAssembly) in memory.
// Prints its port once it is open; ends with its input.
import { bootstrap, DefaultLogger, dummyPaymentHandler, LanguageCode, LogLevel } from '@vendure/core';
import { populateInitialData } from '@vendure/core/cli/index.js';

const shop = await bootstrap({
  apiOptions: { hostname: '127.0.0.1', port: 0, adminApiPath: 'admin-api', shopApiPath: 'shop-api', cors: false },
  authOptions: {
    tokenMethod: ['bearer'],
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
  },
  dbConnectionOptions: { type: 'sqljs', synchronize: true },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Error }),
});
await populateInitialData(shop, {
  defaultLanguage: LanguageCode.en,
  defaultZone: 'Europe',
  countries: [{ code: 'NO', name: 'Norway', zone: 'Europe' }],
  taxRates: [{ name: 'Standard', percentage: 25 }],
  shippingMethods: [{ name: 'Post', price: 490 }],
  paymentMethods: [{
    name: 'Test',
    handler: { code: dummyPaymentHandler.code, arguments: [{ name: 'automaticSettle', value: 'true' }] },
  }],
  collections: [],
});
console.log(`open ${shop.getHttpServer().address().port}`);
process.stdin.on('end', () => process.exit(0)).resume();
