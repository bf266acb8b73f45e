{{ staged('site_qualification') }}
