{{ staged('batch_milestone') }}
