{{ staged('temperature_reading') }}
