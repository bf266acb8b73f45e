{{ staged('agreement') }}
