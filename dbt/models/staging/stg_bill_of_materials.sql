{{ staged('bill_of_materials') }}
