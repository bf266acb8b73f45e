{{ staged('shipment_booking') }}
