{{ staged('cost_rate') }}
