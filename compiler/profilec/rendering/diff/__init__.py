"""How a diff looks: words first, then a terminal's or a forge's way of showing them."""
