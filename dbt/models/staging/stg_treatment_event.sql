{{ staged('treatment_event') }}
