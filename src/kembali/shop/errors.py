"""What can go wrong in the shop's state."""

from kembali.kernel.errors import Conflict, NotFound, Refused


class CustomerNotFound(NotFound):
    """There is no customer with this number."""

    code = "customer_not_found"


class NotMerged(Conflict):
    """The customer was not merged into another one."""

    code = "not_merged"


class ShopIsFixed(Conflict):
    """Currency and time zone cannot change once there are orders: every sum and every day depends on them."""

    code = "shop_is_fixed"


class BadShopSetting(Refused):
    """A setting of the shop cannot be used; the message says which."""

    code = "bad_shop_setting"


class NotAQuestion(Conflict):
    """Nothing is asked about these two customers."""

    code = "not_a_question"


class ProductNotFound(NotFound):
    """There is no product with this number."""

    code = "product_not_found"


class OrderNotFound(NotFound):
    """There is no order with this number."""

    code = "order_not_found"


class OneSource(Refused):
    """A source's orders cannot give way to themselves."""

    code = "one_source"
