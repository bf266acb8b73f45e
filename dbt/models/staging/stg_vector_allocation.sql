{{ staged('vector_allocation') }}
