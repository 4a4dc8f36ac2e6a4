"""Why a line is rejected, as a sentence for the person who has to mend the file. The codes are permanent."""

_SENTENCES = {
    "bad_encoding": "Some bytes are not text in the file's encoding: “{value}”.",
    "broken_quotes": "A quotation mark is opened and not closed (or the cell is over 131,072 characters): “{value}”.",
    "wrong_column_count": "The line has another number of cells than the header: {value}.",
    "no_order_ref": "The order number is empty.",
    "bad_order_ref": "The order number is longer than 150 bytes: “{value}…”.",
    "bad_date": "“{value}” is not a date between 1970 and 2199.",
    "no_date": "No line of this order has a readable date.",
    "bad_currency": "“{value}” is not a currency code of three letters.",
    "mixed_currency": "The lines of this order are in different currencies: {value}.",
    "bad_status": "“{value}” is not a known order status; say what it means with --map status.<word>=paid.",
    "bad_type": "“{value}” is not a known order type; use order, cancellation or adjustment.",
    "bad_amount": "An amount of this order is not a number: “{value}”.",
    "no_total": "The order's total is empty.",
    "bad_quantity": "“{value}” is not a whole number of pieces.",
    "bad_price": "“{value}” is not a price.",
    "bad_json": "The line is not a JSON object: “{value}”.",
    "nobody": "The row names nobody: no customer number, e-mail, phone or card.",
    "bad_email": "“{value}” is not an e-mail address.",
    "bad_ref": "The number is longer than 150 bytes: “{value}…”.",
    "bad_number": "“{value}” is not a number.",
    "bad_yes_no": "“{value}” is neither yes nor no.",
    "bad_consent": "“{value}” is no answer to whether they agreed; say what it means with --map status.<word>=given.",
    "bad_channel": "“{value}” is not a channel; use email, sms, whatsapp, web_push or app_push.",
    "bad_purpose": "“{value}” is not a purpose; use marketing or service.",
    "bad_product_status": "“{value}” is not a state of a product; say what it means with --map status.<word>=active.",
    "bad_shipment_status": "“{value}” is not a state of a parcel; say what it means with --map status.<word>=shipped.",
    "bad_rating": "“{value}” is not a number of stars.",
    "no_event": "The row does not say what was done, in at most 200 characters.",
    "too_many_rows": "{value} rows belong together; at most 5,000 may.",
    "no_product": "Neither a product code nor a product name is given.",
}


def sentence_of(code: str, value: str | None) -> str:
    """Return the sentence for one reject, the offending value inside."""
    return _SENTENCES[code].format(value=value or "")
