{{ staged('approval') }}
