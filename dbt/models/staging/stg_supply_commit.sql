{{ staged('supply_commit') }}
