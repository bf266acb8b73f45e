{{ staged('vector_inventory') }}
