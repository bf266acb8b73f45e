{{ staged('custody_event') }}
