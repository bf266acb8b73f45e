{{ staged('delivery_history') }}
