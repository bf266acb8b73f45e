{{ staged('site') }}
