{{ staged('collection') }}
