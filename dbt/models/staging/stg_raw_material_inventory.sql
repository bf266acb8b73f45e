{{ staged('raw_material_inventory') }}
