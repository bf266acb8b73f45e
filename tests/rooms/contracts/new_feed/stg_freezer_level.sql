{{ staged('freezer_level') }}
