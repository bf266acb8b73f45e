{{ staged('therapy') }}
