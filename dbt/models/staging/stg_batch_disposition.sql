{{ staged('batch_disposition') }}
