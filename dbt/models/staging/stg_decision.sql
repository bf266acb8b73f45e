{{ staged('decision') }}
