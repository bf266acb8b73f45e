{{ staged('deviation') }}
