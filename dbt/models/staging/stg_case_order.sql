{{ staged('case_order') }}
