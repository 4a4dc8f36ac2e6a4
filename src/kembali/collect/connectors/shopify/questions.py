"""What is asked of Shopify's GraphQL Admin API."""

VERSION = "2026-07"

_MONEY = "{shopMoney{amount currencyCode}}"
_ADDRESS = "{firstName lastName countryCodeV2 city}"
_LINE = """{
  pageInfo{hasNextPage endCursor}
  nodes{
    quantity sku name isGiftCard
    product{legacyResourceId} variant{legacyResourceId}
    originalUnitPriceSet{shopMoney{amount}}
    discountAllocations{allocatedAmountSet{shopMoney{amount}}}
  }
}"""
_PERSON = """
  legacyResourceId firstName lastName locale
  defaultEmailAddress{emailAddress marketingState marketingOptInLevel marketingUpdatedAt}
  defaultPhoneNumber{phoneNumber marketingState marketingOptInLevel marketingUpdatedAt marketingCollectedFrom}
"""

SHOP = "query{shop{name currencyCode ianaTimezone myshopifyDomain}}"

ORDERS = f"""query($first:Int!,$after:String,$query:String,$isFirst:Boolean!){{
  ordersCount(query:$query,limit:null)@include(if:$isFirst){{count}}
  orders(first:$first,after:$after,query:$query,sortKey:UPDATED_AT){{
    pageInfo{{hasNextPage endCursor}}
    nodes{{
      id legacyResourceId name createdAt updatedAt processedAt cancelledAt cancelReason
      currencyCode presentmentCurrencyCode taxesIncluded test
      displayFinancialStatus displayFulfillmentStatus sourceName tags paymentGatewayNames discountCodes
      email phone customerLocale customerAcceptsMarketing
      totalPriceSet{{shopMoney{{amount currencyCode}}presentmentMoney{{amount currencyCode}}}}
      subtotalPriceSet{_MONEY} totalDiscountsSet{_MONEY} totalTaxSet{_MONEY} totalShippingPriceSet{_MONEY}
      totalTipReceivedSet{_MONEY} totalRefundedSet{_MONEY}
      customer{{legacyResourceId}}
      billingAddress{_ADDRESS} shippingAddress{_ADDRESS}
      lineItems(first:50){_LINE}
      fulfillments(first:20){{
        legacyResourceId name status displayStatus createdAt updatedAt trackingInfo(first:1){{company number url}}
      }}
    }}
  }}
}}"""

ORDER_LINES = f"query($id:ID!,$after:String){{order(id:$id){{lineItems(first:250,after:$after){_LINE}}}}}"

CUSTOMERS = f"""query($first:Int!,$after:String,$query:String,$isFirst:Boolean!){{
  customersCount(query:$query,limit:null)@include(if:$isFirst){{count}}
  customers(first:$first,after:$after,query:$query,sortKey:UPDATED_AT){{
    pageInfo{{hasNextPage endCursor}}
    nodes{{{_PERSON} createdAt updatedAt tags defaultAddress{_ADDRESS}}}
  }}
}}"""

_VARIANTS = """{
  pageInfo{hasNextPage endCursor}
  nodes{
    legacyResourceId sku title price compareAtPrice inventoryQuantity barcode
    inventoryItem{tracked unitCost{amount}}
  }
}"""

PRODUCTS = f"""query($first:Int!,$after:String,$query:String,$isFirst:Boolean!){{
  productsCount(query:$query,limit:null)@include(if:$isFirst){{count}}
  products(first:$first,after:$after,query:$query,sortKey:UPDATED_AT){{
    pageInfo{{hasNextPage endCursor}}
    nodes{{
      id legacyResourceId title status handle vendor productType tags updatedAt onlineStoreUrl
      featuredMedia{{preview{{image{{url}}}}}}
      variants(first:50){_VARIANTS}
    }}
  }}
}}"""

PRODUCT_VARIANTS = f"query($id:ID!,$after:String){{product(id:$id){{variants(first:250,after:$after){_VARIANTS}}}}}"

ONE_ORDER = "query{orders(first:1){nodes{id name}}}"
ONE_CUSTOMER = "query{customers(first:1){nodes{id defaultEmailAddress{emailAddress}}}}"
SCOPES = "query{currentAppInstallation{accessScopes{handle}}}"

HOOKS = """query($after:String){
  webhookSubscriptions(first:100,after:$after){pageInfo{hasNextPage endCursor}nodes{id topic uri}}
}"""
ADD_HOOK = """mutation($topic:WebhookSubscriptionTopic!,$uri:String!){
  webhookSubscriptionCreate(topic:$topic,webhookSubscription:{uri:$uri,format:JSON}){userErrors{message}}
}"""
DROP_HOOK = "mutation($id:ID!){webhookSubscriptionDelete(id:$id){userErrors{message}}}"


def order_counts(queries: dict[str, str]) -> str:
    """Return one question for how many orders each of these searches finds, by name."""
    asked = " ".join(
        f"{name}:ordersCount(query:{_quoted(query)},limit:null){{count}}" for name, query in queries.items()
    )
    return f"query{{{asked}}}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
