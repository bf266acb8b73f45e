{{ staged('lane') }}
