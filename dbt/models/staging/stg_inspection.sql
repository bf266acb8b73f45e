{{ staged('inspection') }}
