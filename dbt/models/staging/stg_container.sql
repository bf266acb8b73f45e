{{ staged('container') }}
