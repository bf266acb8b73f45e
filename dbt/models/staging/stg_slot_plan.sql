{{ staged('slot_plan') }}
