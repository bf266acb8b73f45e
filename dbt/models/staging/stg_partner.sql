{{ staged('partner') }}
