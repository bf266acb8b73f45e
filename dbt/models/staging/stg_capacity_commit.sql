{{ staged('capacity_commit') }}
