{{ staged('vector_supply_plan') }}
