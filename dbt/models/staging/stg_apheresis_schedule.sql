{{ staged('apheresis_schedule') }}
